ALTER TABLE question ADD COLUMN agreed BLOB;

ALTER TABLE served ADD COLUMN topic INTEGER NOT NULL DEFAULT 1;
ALTER TABLE served ADD COLUMN person INTEGER NOT NULL DEFAULT 0;
ALTER TABLE served ADD COLUMN command TEXT NOT NULL DEFAULT '';
UPDATE served SET done = 1;
CREATE INDEX served_open ON served (group_id, message) WHERE done = 0;

ALTER TABLE fired ADD COLUMN done INTEGER NOT NULL DEFAULT 1;
CREATE INDEX fired_open ON fired (group_id, topic) WHERE done = 0;
