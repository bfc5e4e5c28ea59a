//! Requests with the contract's own examples.

use tackboard::model::scopes::Scope;
use tackboard::model::time::Timestamp;
use tackboard::store::Durability;

use crate::harness::App;
use crate::operations::{self, Ids};

#[test]
fn a_condition_on_any_get_gives_a_documented_answer() {
    let app = App::shared();
    let gets = operations::all()
        .into_iter()
        .filter(|operation| operation.method == "GET");
    for operation in gets {
        let (client, ids) = operations::world(app, &operation);
        let plain = operation.call(&ids).send(&client).expect(200);
        let reply = operation
            .call(&ids)
            .with("if-none-match", plain.header("etag"))
            .send(&client);
        let tagged = !plain.header("etag").is_empty();
        assert_eq!(
            reply.status,
            if tagged { 304 } else { 200 },
            "{}",
            operation.id
        );
    }
}

#[test]
fn every_example_of_a_body_is_accepted() {
    let app = App::with(|settings| settings.durability = Durability::Normal);
    for operation in operations::all() {
        let examples = operation.examples(&Ids::random()).len();
        for at in 0..examples {
            // A token with a late expiry, because the tokens that it creates cannot expire later.
            let ends = Timestamp::now().plus_days(365);
            let token = app.token_until(&app.workspace("teams"), &Scope::ALL, ends);
            let (client, ids) = match operation.scope() {
                None => operations::world(&app, &operation),
                Some(_) => {
                    let client = app.client_with(Some(&token));
                    let ids = Ids::new(&client);
                    (client, ids)
                }
            };
            let body = operation.examples(&ids)[at].clone();
            let reply = operation.call(&ids).with_body(body).send(&client);
            assert!(
                reply.status < 300,
                "{}, example {at}: {}",
                operation.id,
                reply.text
            );
        }
    }
}
