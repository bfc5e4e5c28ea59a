//! Recipients of an export's digital cards.

use serde_json::Value;

use super::super::entry::RecipientEntry;
use super::super::fields::{Fields, line};
use super::super::text;
use super::Reading;
use crate::model::recipients::{Address, Delivery};

impl Reading<'_> {
    pub(super) fn recipient(&mut self, path: &str, value: &Value) -> Option<RecipientEntry> {
        let (email, status) = (value.text("email"), value.text("status"));
        let Some(email) = Address::parse(&email) else {
            self.warnings().add(
                &format!("{path}.email"),
                "It is not an address, so it is left out",
            );
            return None;
        };
        let Some(status) = Delivery::parse(&status) else {
            let message = "It is not the status of a recipient, so it is left out";
            self.warnings().add(&format!("{path}.status"), message);
            return None;
        };
        let mut time = |field: &str| {
            let path = format!("{path}.{field}");
            text::time(&value.text(field), &path, &mut self.warnings())
        };
        let (sent_at, opened_at, viewed_at) =
            (time("sent_at"), time("opened_at"), time("viewed_at"));
        let unsubscribed_at = time("unsubscribed_at");
        let tags = value["merge_tags"].as_object().into_iter().flatten();
        let mut values = Vec::new();
        for (name, tag) in tags {
            match tag.as_str() {
                Some(text) => values.push((name.clone(), text.into())),
                None => self.warnings().add(
                    &format!("{path}.merge_tags.{name}"),
                    "It is not a text, so it is left out",
                ),
            }
        }
        Some(RecipientEntry {
            card: value.text("card_id"),
            email,
            name: line(&value.text("name")),
            values: values.into_iter().collect(),
            status: self.unsent(path, status),
            sent_at,
            opened_at,
            viewed_at,
            unsubscribed_at,
            times: self.times(path, value),
        })
    }

    /// The status of a recipient here: an import sends nothing.
    fn unsent(&mut self, path: &str, status: Delivery) -> Delivery {
        if status != Delivery::Queued {
            return status;
        }
        let message =
            "The mail was not sent yet, and is not sent from here, so it counts as failed";
        self.warnings().add(&format!("{path}.status"), message);
        Delivery::Failed
    }
}
