//! Places in ordered lists: projects and lanes of a board, tasks of a project, subtasks of a task.

use serde_json::{Value, json};

use crate::harness::{App, Client, at_once, column};

const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

/// A kind of row that has a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Noun {
    Project,
    Lane,
    Task,
    Subtask,
}

impl Noun {
    pub const ALL: [Noun; 4] = [Noun::Project, Noun::Lane, Noun::Task, Noun::Subtask];

    /// The name of its table, its error code and its id in details.
    pub fn name(self) -> &'static str {
        match self {
            Noun::Project => "project",
            Noun::Lane => "lane",
            Noun::Task => "task",
            Noun::Subtask => "subtask",
        }
    }
}

/// A list of rows that have places.
pub struct List<'c> {
    client: &'c Client,
    noun: Noun,
    /// The id of what the rows belong to.
    pub parent: String,
}

impl<'c> List<'c> {
    /// An empty one.
    pub fn new(client: &'c Client, noun: Noun) -> Self {
        let parent = match noun {
            Noun::Project | Noun::Lane => client.new_board(),
            Noun::Task => client.new_project().id,
            Noun::Subtask => client.new_task(&client.new_project().id, "Task"),
        };
        Self {
            client,
            noun,
            parent,
        }
    }

    /// Adds a row; its id.
    pub fn add(&self) -> String {
        match self.noun {
            Noun::Project => self.client.new_project_on(&self.parent),
            Noun::Lane => self.client.new_lane(&self.parent),
            Noun::Task => self.client.new_task(&self.parent, "Task"),
            Noun::Subtask => self.client.new_subtask(&self.parent, "Step"),
        }
    }

    pub fn add_many<const N: usize>(&self) -> [String; N] {
        std::array::from_fn(|_| self.add())
    }

    pub fn path(&self) -> String {
        let parent = &self.parent;
        match self.noun {
            Noun::Project => format!("/v1/boards/{parent}/projects"),
            Noun::Lane => format!("/v1/boards/{parent}/lanes"),
            Noun::Task => format!("/v1/projects/{parent}/tasks"),
            Noun::Subtask => format!("/v1/tasks/{parent}/subtasks"),
        }
    }

    /// The rows as the list shows them.
    pub fn rows(&self) -> Vec<Value> {
        self.client.rows(&self.path())
    }

    pub fn ids(&self) -> Vec<String> {
        column(&self.rows(), "id")
    }

    pub fn keys(&self) -> Vec<String> {
        column(&self.rows(), "position")
    }

    /// Asks for a place.
    pub fn ask(&self, row: &str, position: Value) -> crate::harness::Reply {
        let path = format!("/v1/{}s/{row}", self.noun.name());
        self.client.patch(&path, json!({ "position": position }))
    }

    /// Puts a row somewhere.
    #[track_caller]
    pub fn put(&self, row: &str, position: Value) {
        self.ask(row, position).expect(200);
    }

    /// Fails unless the rows stand in this order, as their keys say.
    #[track_caller]
    pub fn expect(&self, order: &[&String]) {
        assert_eq!(
            self.ids().iter().collect::<Vec<_>>(),
            order,
            "{:?}",
            self.noun
        );
        assert!(self.keys().is_sorted(), "{:?}", self.keys());
    }
}

/// Runs a test on a list of each noun.
fn on_every_noun(test: impl Fn(&App, &List)) {
    let app = App::start();
    let client = app.client();
    for noun in Noun::ALL {
        test(&app, &List::new(&client, noun));
    }
}

#[test]
fn new_rows_count_up() {
    on_every_noun(|_, list| {
        let rows = list.add_many::<3>();
        assert_eq!(list.keys(), ["aaa", "aab", "aac"]);
        list.expect(&rows.each_ref());
    });
}

#[test]
fn rows_that_are_added_at_once_get_places_of_their_own() {
    on_every_noun(|_, list| {
        let mut added: Vec<String> = at_once(4, |_| list.add_many::<5>()).concat();
        let mut keys = list.keys();
        keys.dedup();
        let mut listed = list.ids();
        added.sort();
        listed.sort();
        assert_eq!((keys.len(), listed), (20, added));
    });
}

#[test]
fn a_row_goes_first_last_after_or_before() {
    on_every_noun(|_, list| {
        let [a, b, c, d] = &list.add_many();
        list.put(c, json!("first"));
        list.expect(&[c, a, b, d]);
        list.put(c, json!("last"));
        list.expect(&[a, b, d, c]);
        list.put(d, json!({ "after": a }));
        list.expect(&[a, d, b, c]);
        list.put(a, json!({ "after": c }));
        list.expect(&[d, b, c, a]);
        list.put(a, json!({ "before": b }));
        list.expect(&[d, a, b, c]);
        list.put(c, json!({ "before": d }));
        list.expect(&[c, d, a, b]);
    });
}

#[test]
fn a_row_that_is_sent_to_where_it_is_stays_there() {
    on_every_noun(|_, list| {
        let [a, b, c] = &list.add_many();
        for (row, place) in [
            (a, json!("first")),
            (c, json!("last")),
            (b, json!({ "after": a })),
            (b, json!({ "before": c })),
            (b, json!({ "after": b })),
            (b, json!({ "before": b })),
        ] {
            list.put(row, place);
            list.expect(&[a, b, c]);
        }
    });
}

#[test]
fn a_literal_position_is_taken_as_it_is() {
    on_every_noun(|_, list| {
        let [a, b, c] = &list.add_many();
        let long = "z".repeat(64);
        for (row, key) in [(a, "m"), (b, "B"), (c, long.as_str())] {
            let moved = list.ask(row, json!(key)).expect(200);
            assert_eq!(moved.object()["position"], key);
        }
        // Bytewise, so upper case comes before lower.
        list.expect(&[b, a, c]);
        let next = list.add();
        list.expect(&[b, a, c, &next]);
    });
}

#[test]
fn a_word_for_a_place_is_refused() {
    on_every_noun(|app, list| {
        let [a, b] = &list.add_many();
        for word in [
            "top",
            "bottom",
            "start",
            "end",
            "begin",
            "beginning",
            "front",
            "back",
            "up",
            "down",
        ] {
            let reply = list
                .ask(b, json!(word))
                .expect_error(400, "invalid_request");
            let message = reply.fields()["position"].as_str().unwrap().to_owned();
            for part in ["\"first\"", "\"last\"", word] {
                assert!(message.contains(part), "{message}");
            }
        }
        list.expect(&[a, b]);
        // A row that has such a key from before can be sent back as it was read.
        let noun = list.noun.name();
        app.sql(&format!(
            "UPDATE {noun} SET position = 'top' WHERE position = 'aab'"
        ));
        list.put(b, json!("top"));
        list.ask(a, json!("top"))
            .expect_error(400, "invalid_request");
        list.put(a, json!("Top"));
        list.expect(&[a, b]);
    });
}

#[test]
fn equal_positions_are_ordered_by_id() {
    on_every_noun(|_, list| {
        let mut rows: Vec<String> = list.add_many::<4>().to_vec();
        for row in rows.iter().rev() {
            list.put(row, json!("m"));
        }
        rows.sort();
        assert_eq!((list.ids(), list.keys()), (rows, vec!["m".to_owned(); 4]));
    });
}

#[test]
fn anything_else_is_no_position() {
    on_every_noun(|_, list| {
        let row = list.add();
        for bad in [
            json!(""),
            json!("a-b"),
            json!("ä"),
            json!("x".repeat(65)),
            json!(5),
            json!(null),
            json!([]),
            json!({}),
            json!({ "after": row, "before": row }),
        ] {
            let reply = list.ask(&row, bad).expect_error(400, "invalid_request");
            assert_eq!(reply.field_names(), ["position"]);
        }
        let reply = list
            .ask(&row, json!({ "inside": row }))
            .expect_error(400, "invalid_request");
        assert!(reply.fields()["position.inside"].is_string());
        let reply = list
            .ask(&row, json!({ "after": "x" }))
            .expect_error(400, "invalid_uuid");
        assert_eq!(
            reply.details(),
            json!({ "field": "position.after", "value": "x" })
        );
        assert_eq!(list.keys(), ["aaa"]);
    });
}

#[test]
fn a_neighbour_outside_the_list_is_not_found() {
    let app = App::shared();
    let (client, stranger) = (app.client(), app.client());
    for noun in Noun::ALL {
        let list = List::new(&client, noun);
        let [row, other] = &list.add_many();
        let (elsewhere, theirs) = (
            List::new(&client, noun).add(),
            List::new(&stranger, noun).add(),
        );
        for anchor in [elsewhere.as_str(), &theirs, NOBODY] {
            for side in ["after", "before"] {
                let reply = list.ask(row, json!({ side: anchor }));
                let reply = reply.expect_error(404, &format!("{}_not_found", noun.name()));
                assert_eq!(
                    reply.details(),
                    json!({ format!("{}_id", noun.name()): anchor })
                );
            }
        }
        list.expect(&[row, other]);
    }
}

#[test]
fn the_neighbour_is_looked_for_where_the_row_is_to_go() {
    let app = App::shared();
    let client = app.client();
    let [from, to] = [(); 2].map(|()| List::new(&client, Noun::Task));
    let ([moved, left], [one, two]) = (&from.add_many(), &to.add_many());
    let path = format!("/v1/tasks/{moved}");
    let wrong = json!({ "projectId": to.parent, "position": { "after": left } });
    client
        .patch(&path, wrong)
        .expect_error(404, "task_not_found");
    from.expect(&[moved, left]);
    let right = json!({ "projectId": to.parent, "position": { "before": two } });
    client.patch(&path, right).expect(200);
    to.expect(&[one, moved, two]);
    let first = json!({ "projectId": from.parent, "position": "first" });
    client.patch(&path, first).expect(200);
    from.expect(&[moved, left]);
}
