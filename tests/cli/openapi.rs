//! `tackboard openapi`

use crate::harness::Folder;

#[test]
fn the_contract_is_printed_for_people_and_programs() {
    let folder = Folder::empty();
    let text = folder.run("openapi").ok();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document, tackboard::contract::document().unwrap());
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    assert!(text.lines().count() > 100, "not pretty printed");
    assert_eq!(folder.run("openapi --json").ok(), text);
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
}
