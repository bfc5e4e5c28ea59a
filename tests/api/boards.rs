//! Boards.

use serde_json::json;

use crate::harness::App;

#[test]
fn a_board_lives_from_creation_to_deletion() {
    let app = App::start();
    let client = app.client();
    let created = client
        .post(
            "/v1/boards",
            json!({ "name": "  Website  ", "accentColor": "#ff0000" }),
        )
        .expect(201);
    let board = created.json()["board"].clone();
    assert_eq!(board["name"], "Website");
    assert_eq!(
        (&board["description"], &board["layout_preference"]),
        (&json!(null), &json!("kanban"))
    );
    let path = format!("/v1/boards/{}", board["id"].as_str().unwrap());
    let read = client.get(&path).expect(200);
    assert_eq!(read.json()["board"], board);
    assert_eq!(read.header("etag"), created.header("etag"));
    let changed = client
        .patch(
            &path,
            json!({ "description": "Text", "layout_preference": "simple" }),
        )
        .expect(200);
    assert_eq!(changed.json()["board"]["description"], "Text");
    assert_eq!(changed.json()["board"]["layout_preference"], "simple");
    let cleared = client
        .patch(&path, json!({ "description": null }))
        .expect(200);
    assert_eq!(cleared.json()["board"]["description"], json!(null));
    let deleted = client.delete(&path).expect(200);
    assert_eq!(
        deleted.json(),
        json!({ "deleted": true, "id": board["id"] })
    );
    client.get(&path).expect_error(404, "board_not_found");
}
