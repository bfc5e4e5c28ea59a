//! Lists without room between their keys get new keys. Clients do not notice.

use proptest::arbitrary::any;
use proptest::collection::vec;
use proptest::prop_assert_eq;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;
use tackboard::app;
use tackboard::error::Result;
use tackboard::model::context::Ctx;
use tackboard::model::ids::{BoardId, ProjectId, TaskId};
use tackboard::model::lanes::{LaneCreate, LaneUpdate};
use tackboard::model::position::Move;
use tackboard::model::projects::{ProjectCreate, ProjectUpdate};
use tackboard::model::subtasks::{SubtaskCreate, SubtaskUpdate};
use tackboard::model::tasks::{TaskCreate, TaskUpdate};
use tackboard::store::Tx;

use crate::harness::{App, column};
use crate::position::{List, Noun};

/// Creates three rows with these keys, an hour old.
fn with_keys<'c>(app: &App, list: &List<'c>, noun: Noun, keys: [&str; 3]) -> [String; 3] {
    let mut rows: [String; 3] = list.add_many();
    rows.sort();
    for (row, key) in rows.iter().zip(keys) {
        list.put(row, json!(key));
    }
    app.age(noun.name());
    rows
}

#[test]
fn a_row_fits_where_the_keys_leave_no_room() {
    let app = App::start();
    let client = app.client();
    let long = format!("{}V", "a".repeat(40));
    for noun in Noun::ALL {
        for keys in [
            ["m", "m", "x"],
            ["0", "00", "000"],
            ["ab", "ab0", "x"],
            [&long, "b", "c"],
        ] {
            let list = List::new(&client, noun);
            let [a, b, c] = &with_keys(&app, &list, noun, keys);
            list.put(c, json!({ "after": a }));
            list.expect(&[a, c, b]);
            let list = List::new(&client, noun);
            let [a, b, c] = &with_keys(&app, &list, noun, keys);
            list.put(c, json!("first"));
            list.expect(&[c, a, b]);
            list.put(b, json!({ "before": a }));
            list.expect(&[c, b, a]);
        }
    }
}

#[test]
fn rows_that_only_make_room_keep_their_updated_at() {
    let app = App::start();
    let client = app.client();
    for noun in Noun::ALL {
        let list = List::new(&client, noun);
        let [a, b, c] = &with_keys(&app, &list, noun, ["m", "m", "m"]);
        let before = list.rows();
        list.put(c, json!({ "after": a }));
        list.expect(&[a, c, b]);
        let after = list.rows();
        let moment = |rows: &[serde_json::Value], at: usize| rows[at]["updated_at"].clone();
        assert!(list.keys().windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(moment(&after, 0), moment(&before, 0), "{noun:?}");
        assert_eq!(moment(&after, 2), moment(&before, 1), "{noun:?}");
        assert_ne!(moment(&after, 1), moment(&before, 2), "{noun:?}");
    }
}

#[test]
fn a_row_whose_new_key_is_its_old_one_is_moved_all_the_same() {
    let app = App::shared();
    let client = app.client();
    for noun in Noun::ALL {
        // The first key of the last of two rows, after "0" made the list get new keys.
        let list = List::new(&client, noun);
        let [a, b] = &list.add_many();
        list.put(a, json!("0"));
        let spread = list.ask(b, json!("first")).expect(200).object()["position"].clone();
        list.put(a, json!("0"));
        list.put(b, spread);
        list.expect(&[a, b]);
        list.put(b, json!("first"));
        list.expect(&[b, a]);
    }
}

#[test]
fn only_the_rows_around_the_place_get_new_keys() {
    let app = App::start();
    let client = app.client();
    let list = List::new(&client, Noun::Subtask);
    let [a, b, c] = &list.add_many();
    app.sql(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000)
         INSERT INTO subtask (workspace_id, id, task_id, label, position, created_at, updated_at)
         SELECT workspace_id, randomblob(16), task_id, 'One of many', printf('b%05d1', i), created_at, updated_at
           FROM subtask, n WHERE position = 'aaa';
         CREATE TABLE moved (id BLOB NOT NULL);
         CREATE TRIGGER moved AFTER UPDATE OF position ON subtask WHEN NEW.label = 'One of many' BEGIN
           INSERT INTO moved VALUES (NEW.id);
         END;"
    );
    assert_eq!(list.ids().len(), 3003);
    for _ in 0..5 {
        list.put(a, json!("0"));
        list.put(b, json!("first"));
        assert_eq!(list.ids()[..2], [b.clone(), a.clone()]);
        list.put(b, json!("0"));
        list.put(a, json!("first"));
        assert_eq!(list.ids()[..2], [a.clone(), b.clone()]);
    }
    let middle = &list.ids()[1500];
    for row in [a, b, c] {
        list.put(row, json!({ "after": middle }));
    }
    let ids = list.ids();
    let at = ids.iter().position(|id| id == middle).unwrap();
    assert_eq!(ids[at + 1..at + 4], [c, b, a].map(Clone::clone));
    let moved = app.number("SELECT count(*) FROM moved");
    assert!((1..=400).contains(&moved), "{moved} rows got new keys");
    assert!(list.keys().windows(2).all(|pair| pair[0] < pair[1]));
}

/// Adds a row and puts it right after the anchor, or the anchor itself first; its id.
type Insert = fn(&Tx<'_>, &Ctx, &str, Option<&str>) -> Result<String>;

fn insert_project(tx: &Tx<'_>, ctx: &Ctx, board: &str, anchor: Option<&str>) -> Result<String> {
    let new = ProjectCreate {
        board_id: parse::<BoardId>(board),
        name: "Project".to_owned(),
        description: None,
    };
    let id = app::projects::create(tx, ctx, new)?.id;
    let position = anchor.map(|anchor| Move::After(parse(anchor)));
    let change = ProjectUpdate {
        position,
        ..ProjectUpdate::default()
    };
    Ok(app::projects::update(tx, ctx, id, change)?.id.to_string())
}

fn insert_lane(tx: &Tx<'_>, ctx: &Ctx, board: &str, anchor: Option<&str>) -> Result<String> {
    let id = app::lanes::create(
        tx,
        ctx,
        parse(board),
        LaneCreate {
            name: "Lane".to_owned(),
            wip_limit: None,
            color: None,
        },
    )?
    .id;
    let position = anchor.map(|anchor| Move::After(parse(anchor)));
    let change = LaneUpdate {
        position,
        ..LaneUpdate::default()
    };
    Ok(app::lanes::update(tx, ctx, id, change)?.id.to_string())
}

fn insert_task(tx: &Tx<'_>, ctx: &Ctx, project: &str, anchor: Option<&str>) -> Result<String> {
    let new = TaskCreate::new(parse::<ProjectId>(project), "Task");
    let id = app::tasks::create(tx, ctx, new)?.id;
    let position = anchor.map(|anchor| Move::After(parse(anchor)));
    let change = TaskUpdate {
        position,
        ..TaskUpdate::default()
    };
    Ok(app::tasks::update(tx, ctx, id, change)?.id.to_string())
}

fn insert_subtask(tx: &Tx<'_>, ctx: &Ctx, task: &str, anchor: Option<&str>) -> Result<String> {
    let new = SubtaskCreate {
        label: "Step".to_owned(),
        is_completed: false,
    };
    let id = app::subtasks::create(tx, ctx, parse::<TaskId>(task), new)?.id;
    let position = anchor.map(|anchor| Move::After(parse(anchor)));
    let change = SubtaskUpdate {
        position,
        ..SubtaskUpdate::default()
    };
    Ok(app::subtasks::update(tx, ctx, id, change)?.id.to_string())
}

fn parse<Id: std::str::FromStr>(id: &str) -> Id {
    id.parse().unwrap_or_else(|_| panic!("{id} is no id"))
}

/// Inserts many rows, each directly after the same one.
fn insert_at_one_spot(noun: Noun, rows: usize, insert: Insert) {
    let app = App::start();
    app.sql("UPDATE plan SET tasks = NULL, projects = NULL");
    let workspace = app.workspace("teams");
    let client = app.client_of(&workspace);
    let list = List::new(&client, noun);
    let mut expected = app.write(|tx| {
        let ctx = workspace.command();
        let anchor = insert(tx, &ctx, &list.parent, None)?;
        let mut rows = (0..rows)
            .map(|_| insert(tx, &ctx, &list.parent, Some(&anchor)))
            .collect::<Result<Vec<_>>>()?;
        rows.push(anchor);
        Ok(rows)
    });
    expected.reverse();
    let (rows, keys) = (list.rows(), list.keys());
    assert!(column(&rows, "id") == expected, "the order is lost");
    assert!(
        keys.windows(2).all(|pair| pair[0] < pair[1]),
        "two keys are equal or out of order"
    );
    let longest = keys.iter().max_by_key(|key| key.len()).unwrap();
    assert!(longest.len() <= 32, "{longest} is too long");
}

#[test]
fn ten_thousand_tasks_at_one_spot_keep_their_order_and_short_keys() {
    insert_at_one_spot(Noun::Task, 10_000, insert_task);
}

#[test]
fn thousands_of_other_rows_at_one_spot_keep_their_order_and_short_keys() {
    insert_at_one_spot(Noun::Project, 2_000, insert_project);
    insert_at_one_spot(Noun::Lane, 99, insert_lane);
    insert_at_one_spot(Noun::Subtask, 10_000, insert_subtask);
}

/// One step: a row moves first (0), last (1), after (2) or before (3) another.
type Step = (Index, u8, Index);

/// Applies a step to the server and to the model.
fn step(list: &List<'_>, model: &mut Vec<String>, (row, how, anchor): &Step) {
    let row = model.remove(row.index(model.len()));
    let at = anchor.index(model.len());
    let (place, at) = match how {
        0 => (json!("first"), 0),
        1 => (json!("last"), model.len()),
        2 => (json!({ "after": model[at] }), at + 1),
        _ => (json!({ "before": model[at] }), at),
    };
    list.put(&row, place);
    model.insert(at, row);
}

#[test]
fn any_sequence_of_moves_gives_the_order_of_a_plain_vector() {
    let app = App::shared();
    let client = app.client();
    // Few letters, so that equal and adjacent keys are common.
    let keys = vec("[01a]{1,3}", 5);
    let steps = vec((any::<Index>(), 0_u8..4, any::<Index>()), 1..25);
    for noun in Noun::ALL {
        let config = Config {
            cases: 4,
            failure_persistence: None,
            ..Config::default()
        };
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let run = TestRunner::new_with_rng(config, rng).run(&(&keys, &steps), |(keys, steps)| {
            let list = List::new(&client, noun);
            for key in keys {
                list.put(&list.add(), json!(key));
            }
            let mut model = list.ids();
            for wish in &steps {
                step(&list, &mut model, wish);
                prop_assert_eq!(&list.ids(), &model);
            }
            Ok(())
        });
        run.unwrap();
    }
}
