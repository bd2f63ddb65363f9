"""The made-up support desk: what was said, as everybody in it would remember it.

This is the truth that every reader is held against. It is made here, from a seed, and knows nothing
of the product's code: only of what Telegram is (ids, topics, UTF-16) and of what the words mean
(who posts for whom, what a note is).
"""

import random

import people
import texts
from said import Said, Topic, entities, plain

GROUP = 2101424779
TITLE = "Support desk"
GENERAL = 1
START = 1767225600  # 2026-01-01T00:00:00Z
TOPICS = 60


class World:
    """All that was said, ascending by id."""

    def __init__(self, seed=1):
        self.random = random.Random(seed)
        self.words = set()
        general = Topic("General", id=GENERAL)
        self.topics = [general] + [self.topic(index) for index in range(TOPICS)]
        self.chat_among_operators(general)
        everything = [(said, topic) for topic in self.topics for said in topic.said]
        everything.sort(key=lambda it: it[0].date)
        for number, (said, _) in enumerate(everything, start=1):
            # Ids have gaps: what was deleted before anybody looked.
            said.id = number + number // 50
        for topic in self.topics[1:]:
            topic.id = topic.said[0].id
        for said, topic in everything:
            said.topic = topic.id
            if said.service and said.answers:
                said.service["message"] = said.answers.id
            elif said.answers:
                said.reply_to = said.answers.id
        self.said = [said for said, _ in everything]
        self.by_id = {said.id: said for said in self.said}
        self.by_topic = {topic.id: topic for topic in self.topics}
        self.edit_and_delete()

    def word(self):
        """A word of six syllables that no language has."""
        while True:
            syllables = [
                self.random.choice("bdfgklmnprstvz") + self.random.choice("aeiou") for _ in range(6)
            ]
            word = "".join(syllables)
            if word not in self.words:
                self.words.add(word)
                return word

    def title(self, customer, index):
        """Titles as people and CRMs give them; some would be formulas in a spreadsheet."""
        return {
            5: "=cmd|' /C calc'!A0",
            6: customer.secrets["phone"][0],
            7: customer.secrets["username"][0],
            8: 'Straße "Ecke", 2. Stock; 🙂',
        }.get(index, f"{customer.name} · {1000 + index}")

    def topic(self, index):
        language = ("en", "de", "ru")[index % 3]
        customer = people.customer(self.random, language, index // 3)
        topic = Topic(self.title(customer, index), customer)
        date = START + index * 5 * 3600 + self.random.randrange(3600)
        topic.said.append(
            self.service(date, people.RELAY, action="topic_created", title=topic.title)
        )
        if index == 9:
            return topic  # nobody ever said anything here
        for session in range(1 + index % 3):
            for _ in range(self.random.randrange(8, 22)):
                date += self.random.choice([7, 20, 45, 200, 900, 2400])
                topic.said.append(self.utterance(topic, index, session, date))
            # Silence: clearly more than a night, so that two sessions are two.
            date += self.random.randrange(12 * 3600, 6 * 86400)
        self.stumble(topic, index)
        if index % 7 == 3:
            topic.title = f"{customer.name} · renamed"
            renamed = self.service(date, 5001, action="topic_edited", title=topic.title)
            topic.said.append(renamed)
        return topic

    def utterance(self, topic, index, session, date):
        """One message of a conversation with a customer."""
        language, customer = topic.customer.language, topic.customer
        choice = self.random.random()
        only_customer, only_operators = index == 10, index == 11
        begins = len(topic.said) == 1 and index % 4 != 1
        if only_customer or (not only_operators and (begins or choice < 0.45)):
            said = self.say(
                date, "customer", people.RELAY, self.random.choice(texts.CUSTOMER[language])
            )
            if self.random.random() < 0.3:
                self.tell(said, customer)
        elif choice < 0.85:
            author = self.random.choice([*people.OPERATORS, people.GONE])
            said = self.say(date, "operator", author, self.random.choice(texts.OPERATOR[language]))
            if self.random.random() < 0.1:
                self.tell(said, customer)
        elif choice < 0.9:
            said = self.say(date, "assistant", people.ASSISTANT, texts.ASSISTANT[language])
        elif choice < 0.96:
            said = self.say(date, "note", 5001, self.random.choice(texts.NOTES))
            self.tell(said, customer)
        else:
            said = Said(date, "command", 5002, plain(self.random.choice(texts.COMMANDS)))
        self.decorate(said, topic, customer)
        return said

    def say(self, date, role, author, sentence):
        word = self.word()
        return Said(date, role, author, plain(f"{sentence} {word}"), word=word)

    def tell(self, said, customer):
        """Adds something personal."""
        kind = self.random.choice(people.KINDS)
        secret = self.random.choice(customer.secrets[kind])
        before, after = people.SAYS[kind].split("{}")
        marked = {"phone": "phone", "email": "email", "username": "mention", "card": "bank_card"}
        if kind in marked and self.random.random() < 0.5:
            said.parts += [("plain", f" {before}", {}), (marked[kind], secret, {})]
        else:
            said.parts = plain(f"{said.text} {before}{secret}{after}")

    def decorate(self, said, topic, customer):
        """Replies, formatting, files, reactions: a few of each."""
        chance = self.random.random()
        earlier = [it for it in topic.said[1:] if it.role in ("customer", "operator")]
        if chance < 0.15 and earlier:
            said.answers = self.random.choice(earlier)
        elif chance < 0.25 and said.role in ("customer", "operator"):
            said.parts += self.random.choice(texts.FORMATTED)
        elif chance < 0.33 and said.role in ("customer", "operator"):
            said.media = dict(self.random.choice(texts.MEDIA))
            if said.media["kind"] == "contact":
                phone = customer.secrets["phone"][0]
                said.media["note"] = f"{customer.name} {phone}"
                said.media["of"] = (customer.name, phone)
            if said.media["kind"] in ("contact", "sticker") or self.random.random() < 0.5:
                said.parts, said.word = [], ""
        elif chance < 0.37:
            emoji = self.random.choice(["👍", "❤️", "🔥"])
            said.reactions = [(emoji, self.random.randrange(1, 4))]

    def stumble(self, topic, index):
        """Puts the texts on which readers stumble into the conversations, all of them twice."""
        if index in (10, 11):
            return
        date = topic.said[-1].date
        for at, text in enumerate(texts.STUMBLING):
            if at % 19 == index % 19:
                role, author = (("customer", people.RELAY), ("operator", 5003))[index // 19 % 2]
                date += 30
                topic.said.append(Said(date, role, author, plain(text)))

    def chat_among_operators(self, general):
        general.said.append(self.service(START - 60, 5001, action="other", name="create_group"))
        for number in range(40):
            author = self.random.choice([5001, 5002, 5003, people.CHANNEL])
            said = self.say(START + number * 20000, "operator", author, "Who takes the late shift?")
            if number % 9 == 8:
                said.answers = general.said[-2]
            general.said.append(said)
        # Neither text nor file: what Telegram Desktop makes of things that it does not know.
        general.said += [Said(START + 900001 + extra, "operator", 5002) for extra in range(3)]
        pinned = self.service(START + 900100, 5002, action="pinned", answers=general.said[1])
        general.said.append(pinned)

    def service(self, date, author, answers=None, **what):
        return Said(date, "service", author, service=what, answers=answers)

    def edit_and_delete(self):
        """Some were edited or deleted later; the first export did not know that of half of them."""
        self.cutoff = self.said[len(self.said) * 3 // 5].date
        spoken = [said for said in self.said if said.word and not said.media]
        for said in self.random.sample(spoken, 80):
            said.former, said.former_word = said.parts, said.word
            said.word = self.word()
            said.parts = plain(said.text.replace(said.former_word, said.word))
            late = said.date + 86400 * 30 if self.random.random() < 0.5 else said.date + 60
            said.edit_date = late
            if said.date <= self.cutoff < late:
                version = {"text": "".join(text for _, text, _ in said.former)}
                said.versions = [{**version, "entities": entities(said.former), "edit_date": None}]
        rest = [said for said in spoken if said.edit_date is None]
        for said in self.random.sample(rest, 20):
            said.deleted_at = said.date + self.random.choice([30, 86400 * 20])
