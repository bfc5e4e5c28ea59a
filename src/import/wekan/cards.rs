//! The cards of a Wekan board.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::super::boards::{Checklist, Comment, Lane, Task};
use super::super::fields::{Fields, Placed, sort_by_position};
use super::super::lists::{List, Lists, wip_limit};
use super::super::losses::Losses;
use super::super::options::Options;
use super::super::persons::Person;
use super::super::receiver::{Receiver, Warnings};
use super::super::text;
use super::colors::hex;
use super::contents::{attachments, checklists, comments};
use super::notes::Sources;
use super::parts::Parts;
use crate::model::tasks::Status;

/// The fields of cards that are imported, or have no meaning outside of Wekan.
const CARD: &[&str] = &[
    "_id",
    "title",
    "description",
    "listId",
    "swimlaneId",
    "boardId",
    "sort",
    "archived",
    "archivedAt",
    "createdAt",
    "modifiedAt",
    "dateLastActivity",
    "dueAt",
    "dueComplete",
    "labelIds",
    "members",
    "assignees",
    "userId",
    "receivedAt",
    "startAt",
    "endAt",
    "spentTime",
    "requestedBy",
    "assignedBy",
    "customFields",
    "vote",
    "parentId",
    "cardNumber",
    "subtaskSort",
    "type",
    "linkedId",
    "targetId_gantt",
    "linkType_gantt",
    "linkId_gantt",
    "showActivities",
    "hideFinishedChecklistIfItemsAreHidden",
    "showListOnMinicard",
    "showChecklistAtMinicard",
];

/// The fields of lists that are imported, or have no meaning outside of Wekan.
const LIST: &[&str] = &[
    "_id",
    "title",
    "boardId",
    "sort",
    "archived",
    "archivedAt",
    "createdAt",
    "modifiedAt",
    "updatedAt",
    "wipLimit",
    "color",
    "type",
    "width",
    "collapsed",
];

/// The cards, and what they refer to.
pub(super) struct Cards {
    pub(super) lists: Lists,
    people: HashMap<String, Person>,
    checklists: HashMap<String, Vec<Checklist>>,
    comments: HashMap<String, Vec<Comment>>,
    sources: Sources,
    losses: Losses,
}

impl Cards {
    pub(super) fn new(parts: &mut Parts, options: &Options, to: &mut dyn Receiver) -> Self {
        let titles = parts.cards.iter().map(|card| {
            let value = &card.value;
            (value.text("_id"), value.text("title"))
        });
        let titles: HashMap<String, String> = titles.collect();
        let known: HashSet<String> = titles.keys().cloned().collect();
        let people = people(&parts.users, options);
        let mut losses = Losses::default();
        let lists = lists(std::mem::take(&mut parts.lists), &mut losses, options, to);
        let (all, items) = (
            std::mem::take(&mut parts.checklists),
            std::mem::take(&mut parts.items),
        );
        let checklists = checklists(all, items, &known, to);
        let all = std::mem::take(&mut parts.comments);
        let custom_fields = parts.custom_fields.iter();
        Self {
            lists,
            checklists,
            comments: comments(all, &known, &people, to),
            sources: Sources {
                attachments: attachments(&parts.attachments),
                custom_fields: custom_fields
                    .map(|field| (field.value.text("_id"), field.value.clone()))
                    .collect(),
                titles,
            },
            people,
            losses,
        }
    }

    /// Returns the tasks with the ids of their swimlanes, in the order of lists and cards.
    pub(super) fn tasks(
        &mut self,
        mut cards: Vec<Placed>,
        to: &mut dyn Receiver,
    ) -> Vec<(String, Task)> {
        sort_by_position(&mut cards, "sort", to);
        cards.sort_by_key(|card| self.lists.order(&card.value.text("listId")));
        let tasks = cards
            .iter()
            .map(|card| (card.value.text("swimlaneId"), self.task(card, to)))
            .collect();
        std::mem::take(&mut self.losses).report(to);
        tasks
    }

    fn task(&mut self, card: &Placed, to: &mut dyn Receiver) -> Task {
        let (path, value) = (&card.path, &card.value);
        self.losses.look("cards[]", value, CARD);
        let (id, list_id) = (value.text("_id"), value.text("listId"));
        let list = self.lists.of_card(&list_id, &format!("{path}.listId"), to);
        let mut time = |field: &str| {
            let path = format!("{path}.{field}");
            text::time(&value.text(field), &path, &mut Warnings(to))
        };
        let (created, updated) = (time("createdAt"), time("dateLastActivity"));
        let archived = time("archivedAt");
        let due_path = format!("{path}.dueAt");
        let is_archived = value.flag("archived") || list.is_some_and(|list| list.is_closed);
        Task {
            path: path.clone(),
            title: value.text("title"),
            description: value.text("description"),
            notes: self.sources.notes(value, path, to),
            status: match value.flag("dueComplete") {
                true => Status::Done,
                false => list.map(List::status).unwrap_or_default(),
            },
            lane: list.filter(|list| list.is_lane()).map(|_| list_id),
            labels: value.texts("labelIds"),
            assignees: self.assignees(value),
            due_on: text::day(&value.text("dueAt"), &due_path, &mut Warnings(to)),
            is_archived,
            archived_at: archived.or(updated).filter(|_| is_archived),
            created_by: Some(value.text("userId"))
                .filter(|id| !id.is_empty())
                .map(|id| self.person(&id)),
            created,
            updated,
            checklists: self.checklists.remove(&id).unwrap_or_default(),
            comments: self.comments.remove(&id).unwrap_or_default(),
            id,
        }
    }

    /// Members and assignees, each once.
    fn assignees(&self, card: &Value) -> Vec<Person> {
        let mut ids = card.texts("assignees");
        ids.extend(card.texts("members"));
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        ids.iter().map(|id| self.person(id)).collect()
    }

    fn person(&self, id: &str) -> Person {
        let known = self.people.get(id).cloned();
        known.unwrap_or_else(|| Person::with_id(id))
    }
}

fn lists(
    mut lists: Vec<Placed>,
    losses: &mut Losses,
    options: &Options,
    to: &mut dyn Receiver,
) -> Lists {
    sort_by_position(&mut lists, "sort", to);
    let mut all = Lists::default();
    for Placed { path, value } in lists {
        losses.look("lists[]", &value, LIST);
        let limit = &value["wipLimit"];
        let color = value.text("color");
        let color = (!color.is_empty()).then(|| hex(&color, &path, to).to_owned());
        let lane = Lane {
            id: value.text("_id"),
            path,
            name: value.text("title"),
            wip_limit: wip_limit(limit.number("value").filter(|_| limit.flag("enabled"))),
            color,
        };
        all.add(lane, value.flag("archived"), options, to);
    }
    all
}

fn people(users: &[Placed], options: &Options) -> HashMap<String, Person> {
    let person = |user: &Placed| {
        let value = &user.value;
        let names = [value["profile"].text("fullname"), value.text("username")];
        let name = names.into_iter().find(|name| !name.trim().is_empty());
        let first = value.list("emails").first();
        let email = first.map_or_else(|| value.text("email"), |email| email.text("address"));
        let person = Person::new(&name.unwrap_or_default(), Some(&email), &options.members);
        (value.text("_id"), person)
    };
    users.iter().map(person).collect()
}
