//! Uses the client of the OpenAPI Generator for Rust.

use std::env::var;

use tackboard_client::apis::configuration::Configuration;
use tackboard_client::apis::{Error, boards_api, projects_api, tasks_api};
use tackboard_client::models::{
    BoardCreate, ErrorCode, ErrorResponse, InvalidRequestError, Move, MoveAfter, MoveBefore,
    ProjectCreate, TaskCreate, TaskNotFoundError, TaskUpdate,
};

type Failure = Box<dyn std::error::Error>;

/// The code and the body of the error that a call has ended with.
fn refusal<T, E>(result: Result<T, Error<E>>) -> Result<(ErrorCode, String), Failure> {
    match result {
        Err(Error::ResponseError(refused)) => {
            let error: ErrorResponse = serde_json::from_str(&refused.content)?;
            Ok((error.error.code, refused.content))
        }
        _ => Err("the call was not refused".into()),
    }
}

async fn move_task(
    server: &Configuration,
    task: &str,
    position: Move,
) -> Result<(), Error<tasks_api::UpdateTaskError>> {
    let change = TaskUpdate {
        position: Some(Box::new(position)),
        ..TaskUpdate::default()
    };
    tasks_api::update_task(server, task, change, None, None, None).await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let server = Configuration {
        bearer_access_token: Some(var("TACKBOARD_TOKEN")?),
        ..Configuration::new()
    };
    assert_eq!(server.base_path, var("TACKBOARD_ORIGIN")?);

    let new = BoardCreate::new("rust".to_owned());
    let board = boards_api::create_board(&server, new, None, None, None)
        .await?
        .board;
    let new = ProjectCreate::new(board.id, "Launch".to_owned());
    let project = projects_api::create_project(&server, new, None, None, None)
        .await?
        .project;
    let mut created = Vec::new();
    for label in ["One", "Two", "Three"] {
        let new = TaskCreate::new(label.to_owned(), project.id);
        created.push(
            tasks_api::create_task(&server, new, None, None, None)
                .await?
                .task
                .id,
        );
    }
    let [one, two, three] = created.try_into().map_err(|_| "three tasks")?;

    let before = Move::MoveBefore(Box::new(MoveBefore::new(one)));
    move_task(&server, &three.to_string(), before).await?;
    move_task(&server, &one.to_string(), Move::MoveTo("last".to_owned())).await?;
    let id = project.id.to_string();
    let listed = tasks_api::list_project_tasks(
        &server,
        &id,
        None,
        None,
        None,
        None,
        Some(10),
        None,
        None,
        None,
    );
    let labels: Vec<_> = listed
        .await?
        .tasks
        .into_iter()
        .map(|task| task.label)
        .collect();
    assert_eq!(labels, ["Three", "Two", "One"]);

    let after = Move::MoveAfter(Box::new(MoveAfter::new(board.id)));
    let (code, body) = refusal(move_task(&server, &two.to_string(), after).await)?;
    assert_eq!(code, ErrorCode::TaskNotFound);
    let missing: TaskNotFoundError = serde_json::from_str(&body)?;
    assert_eq!(missing.error.details.task_id, board.id);

    let empty = TaskCreate::new(String::new(), project.id);
    let (code, body) = refusal(tasks_api::create_task(&server, empty, None, None, None).await)?;
    assert_eq!(code, ErrorCode::InvalidRequest);
    let invalid: InvalidRequestError = serde_json::from_str(&body)?;
    assert_eq!(
        invalid.error.details.fields["label"],
        "Label must not be empty"
    );

    let deletion =
        boards_api::delete_board(&server, &board.id.to_string(), None, None, None).await?;
    assert_eq!(deletion.id, board.id);
    Ok(())
}
