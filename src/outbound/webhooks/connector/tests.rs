//! Which addresses are connected to, with names that resolve as a test says.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

fn connector(allowed: &[&str], lookup: Lookup) -> Connector {
    let entries = allowed.iter().map(|entry| entry.parse());
    let allowed = AllowList::new(entries.collect::<Result<_, _>>().unwrap_or_default());
    let connector = Connector::new(allowed).unwrap_or_else(|why| unreachable!("{why}"));
    Connector {
        lookup,
        ..connector
    }
}

/// Tries to connect and returns the error; empty if there was none. An endpoint of these tests never responds.
fn refusal(connector: &Connector, url: &str) -> String {
    let url = Url::parse(url).unwrap_or_else(|why| unreachable!("{url}: {why}"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap_or_else(|why| unreachable!("{why}"));
    let connected = runtime.block_on(async {
        tokio::time::timeout(Duration::from_millis(300), connector.connect(&url)).await
    });
    match connected {
        Ok(connected) => connected.err().unwrap_or_default(),
        Err(_) => "no response".to_owned(),
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind(loopback(0)).unwrap_or_else(|why| unreachable!("{why}"));
    let port = listener.local_addr().map_or(0, |address| address.port());
    assert!(listener.set_nonblocking(true).is_ok());
    (listener, port)
}

#[test]
fn a_name_of_an_address_that_is_not_public_is_refused() {
    let (listener, port) = listener();
    for (connector, kind) in [
        (
            connector(&[], |_, port| Ok(vec![loopback(port)])),
            "a loopback address",
        ),
        (
            connector(&["10.0.0.0/8"], |_, port| {
                Ok(vec![([192, 168, 0, 1], port).into()])
            }),
            "a private address",
        ),
        (
            connector(&[], |_, port| Ok(vec![([169, 254, 169, 254], port).into()])),
            "a link-local address",
        ),
    ] {
        let why = refusal(&connector, &format!("https://hook.example:{port}/x"));
        let expected =
            format!("hook.example resolves to {kind}; allow it with --webhook-allow hook.example");
        assert_eq!(why, expected);
    }
    assert!(listener.accept().is_err(), "nothing has connected");
}

#[test]
fn forbidden_addresses_are_left_out_and_the_others_tried_in_turn() {
    let (listener, port) = listener();
    let some = connector(&["127.0.0.1", "hook.example"], |_, port| {
        // Nothing listens at the first one.
        Ok(vec![([127, 0, 0, 2], port).into(), loopback(port)])
    });
    assert_eq!(refusal(&some, &format!("http://hook.example:{port}")), "");
    assert!(listener.accept().is_ok());
    let mixed = connector(&["127.0.0.1"], |_, port| {
        Ok(vec![([10, 0, 0, 1], port).into(), loopback(port)])
    });
    let why = refusal(&mixed, &format!("https://hook.example:{port}"));
    assert_eq!(why, "no response", "in the TLS handshake");
    assert!(listener.accept().is_ok());
}

#[test]
fn a_name_is_resolved_once_per_connection() {
    static LOOKUPS: AtomicUsize = AtomicUsize::new(0);
    let (listener, port) = listener();
    // The second answer would be refused.
    let rebinding = connector(&["127.0.0.1", "hook.example"], |_, port| {
        match LOOKUPS.fetch_add(1, Ordering::Relaxed) {
            0 => Ok(vec![loopback(port)]),
            _ => Ok(vec![([10, 0, 0, 1], port).into()]),
        }
    });
    assert_eq!(
        refusal(&rebinding, &format!("http://hook.example:{port}")),
        ""
    );
    assert_eq!(LOOKUPS.load(Ordering::Relaxed), 1);
    assert!(listener.accept().is_ok());
}

#[test]
fn plain_http_reaches_only_what_the_list_opens() {
    let public = connector(&[], |_, port| Ok(vec![([8, 8, 8, 8], port).into()]));
    let why = refusal(&public, "http://hook.example/");
    assert!(why.starts_with("URL must begin with https://"), "{why}");
    let changed = connector(&["localhost"], |_, port| Ok(vec![loopback(port)]));
    let why = refusal(&changed, "http://127.0.0.1:8080/");
    assert!(why.contains("a loopback address (127.0.0.1)"), "{why}");
}

#[test]
fn a_name_without_an_address_says_why() {
    let none = connector(&[], |_, _| Ok(Vec::new()));
    assert_eq!(
        refusal(&none, "https://hook.example"),
        "hook.example has no address"
    );
    let failing = connector(&[], |_, _| Err(io::Error::other("no such host")));
    let why = refusal(&failing, "https://hook.example");
    assert_eq!(why, "hook.example cannot be resolved: no such host");
    let panicking = connector(&[], |_, _| unreachable!("for the test"));
    let why = refusal(&panicking, "https://hook.example");
    assert_eq!(why, "hook.example cannot be resolved: the look-up failed");
}
