//! The sample board: it shows what a board can do, on cards that say how.

use crate::app::{boards, comments, labels, lanes, projects, subtasks, tasks};
use crate::error::Result;
use crate::model::boards::BoardCreate;
use crate::model::comments::CommentCreate;
use crate::model::context::Ctx;
use crate::model::date::Date;
use crate::model::ids::{BoardId, LabelId, LaneId, ProjectId, TaskId};
use crate::model::labels::LabelCreate;
use crate::model::lanes::LaneCreate;
use crate::model::projects::ProjectCreate;
use crate::model::subtasks::SubtaskCreate;
use crate::model::tasks::{Status, TaskCreate};
use crate::model::time::Timestamp;
use crate::store::Tx;

/// The description of the task that is to be opened.
const OPEN_ME: &str = "Descriptions are **Markdown**, with a preview:

- lists and [links](https://commonmark.org)
- `code` and quotes

> What you write is kept in this browser until it is saved.";

/// The description of the task about the API.
const CALL_ME: &str = "Everything on this board can be done with the API, and everything done there appears here at once:

```
curl -H \"Authorization: Bearer $TACKBOARD_TOKEN\" …/v1/boards
```

The documentation of this server shows each call with `curl`, JavaScript and Python.";

/// Creates the board.
pub(super) fn create(tx: &Tx<'_>, ctx: &Ctx) -> Result<()> {
    let new = BoardCreate {
        name: "Getting started".to_owned(),
        description: Some("A board to try things on. Change it, fill it, delete it.".to_owned()),
        icon: Some("🚀".to_owned()),
        accent_color: None,
        background_color: None,
        layout_preference: None,
    };
    let board = boards::create(tx, ctx, new)?.id;
    let sample = Sample { tx, ctx, board };
    let doing = sample.lanes()?;
    let tutorial = sample.label("Tutorial", "#2563eb")?;
    let automation = sample.label("Automation", "#9333ea")?;
    let first = sample.project("First steps", "Do these in any order.")?;
    sample.first_steps(first, tutorial, doing)?;
    let second = sample.project("Next steps", "For the whole team, and for scripts.")?;
    sample.next_steps(second, automation)
}

struct Sample<'a> {
    tx: &'a Tx<'a>,
    ctx: &'a Ctx,
    board: BoardId,
}

impl Sample<'_> {
    /// Creates the lanes, and returns the one with a limit.
    fn lanes(&self) -> Result<Option<LaneId>> {
        let mut limited = None;
        for (name, wip_limit) in [("This week", None), ("Now", Some(3)), ("Waiting", None)] {
            let lane = LaneCreate {
                name: name.to_owned(),
                wip_limit,
                color: None,
            };
            let lane = lanes::create(self.tx, self.ctx, self.board, lane)?;
            limited = limited.or(wip_limit.map(|_| lane.id));
        }
        Ok(limited)
    }

    fn label(&self, name: &str, color: &str) -> Result<LabelId> {
        let label = LabelCreate {
            name: name.to_owned(),
            color: color.to_owned(),
        };
        Ok(labels::create(self.tx, self.ctx, self.board, label)?.id)
    }

    fn project(&self, name: &str, description: &str) -> Result<ProjectId> {
        let project = ProjectCreate {
            board_id: self.board,
            name: name.to_owned(),
            description: Some(description.to_owned()),
        };
        Ok(projects::create(self.tx, self.ctx, project)?.id)
    }

    fn task(&self, new: TaskCreate) -> Result<TaskId> {
        Ok(tasks::create(self.tx, self.ctx, new)?.id)
    }

    fn first_steps(
        &self,
        project: ProjectId,
        tutorial: LabelId,
        doing: Option<LaneId>,
    ) -> Result<()> {
        let new = |label: &str| TaskCreate {
            label_ids: vec![tutorial],
            ..TaskCreate::new(project, label)
        };
        self.task(TaskCreate {
            status: Status::Done,
            ..new("Start Tackboard")
        })?;
        self.task(TaskCreate {
            status: Status::InProgress,
            workflow_lane_id: doing,
            ..new("Drag this card to Done, or press Shift →")
        })?;
        let tomorrow = Timestamp::now().plus_days(1).to_string();
        let opened = self.task(TaskCreate {
            description: Some(OPEN_ME.to_owned()),
            due_on: tomorrow.get(..10).and_then(Date::parse),
            ..new("Open this card")
        })?;
        for label in [
            "Tick this subtask",
            "Add one of your own",
            "Write a comment",
        ] {
            let subtask = SubtaskCreate {
                label: label.to_owned(),
                is_completed: false,
            };
            subtasks::create(self.tx, self.ctx, opened, subtask)?;
        }
        let comment = CommentCreate {
            text: "Comments are **Markdown** too.".to_owned(),
        };
        comments::create(self.tx, self.ctx, opened, comment)?;
        self.task(new("Add a task: press T"))?;
        self.task(new("Find anything: press / or Ctrl K")).map(drop)
    }

    fn next_steps(&self, project: ProjectId, automation: LabelId) -> Result<()> {
        let automated = |label: &str| TaskCreate {
            label_ids: vec![automation],
            ..TaskCreate::new(project, label)
        };
        self.task(TaskCreate::new(project, "Invite somebody"))?;
        self.task(TaskCreate {
            description: Some(CALL_ME.to_owned()),
            ..automated("Call the API with the first token")
        })?;
        self.task(automated("Send the sample card to yourself"))
            .map(drop)
    }
}
