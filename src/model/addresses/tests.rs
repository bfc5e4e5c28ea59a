//! Which addresses and URLs are refused, and how.

use super::*;

fn list(entries: &[&str]) -> AllowList {
    let parsed = entries.iter().map(|entry| entry.parse());
    AllowList::new(parsed.collect::<Result<_, _>>().unwrap_or_default())
}

fn check(list: &AllowList, url: &str) -> Result<(), String> {
    let url = Url::parse(url).unwrap_or_else(|why| unreachable!("{url}: {why}"));
    list.check_url(&url)
}

#[test]
fn special_addresses_have_a_kind() {
    for (kind, addresses) in [
        ("an unspecified", "0.0.0.0 0.255.255.255 :: ::ffff:0.0.0.0"),
        (
            "a loopback",
            "127.0.0.1 127.255.255.255 ::1 ::ffff:127.0.0.1 ::127.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1
             2002:7f00:1:: 2001:0:7f00:1::1",
        ),
        (
            "a private",
            "10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255 ::ffff:10.0.0.1
             64:ff9b::10.0.0.1 64:ff9b::192.168.0.1 64:ff9b:1::1 2002:a00:1::1 2002:c0a8:101:: fec0::1
             2001:0:808:808::f5ff:fffe",
        ),
        ("a private (unique local)", "fc00:: fd00::1 fdff:ffff::1"),
        (
            "a link-local",
            "169.254.0.0 169.254.169.254 169.254.255.255 fe80::1 febf::1 ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe",
        ),
        ("a shared (CGNAT)", "100.64.0.0 100.127.255.255 ::ffff:100.64.0.1"),
        ("a multicast", "224.0.0.1 239.255.255.255 ff02::1 ff0e::1"),
        (
            "a documentation",
            "192.0.2.1 198.51.100.1 203.0.113.255 2001:db8::1 3fff::1 3fff:fff::1",
        ),
        ("a benchmarking", "198.18.0.0 198.19.255.255 2001:2::1"),
        (
            "a reserved",
            "192.0.0.1 192.88.99.1 240.0.0.1 255.255.255.255 100::1 2001:1::1 2001:1ff::1 4000::1 5f00::1 fe00::1
             64:ff9b:2::1",
        ),
    ] {
        for address in addresses.split_whitespace() {
            let found = address.parse().ok().and_then(AddressKind::of);
            let expected = format!("{kind} address");
            assert_eq!(found.map(|kind| kind.to_string()), Some(expected), "{address}");
        }
    }
}

#[test]
fn public_addresses_have_no_kind() {
    for address in [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450::1",
        "2001:200::1",
        "2001:4860:4860::8888",
        "3ffe::1",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2002:808:808::1",
    ] {
        let parsed: Result<IpAddr, _> = address.parse();
        assert_eq!(parsed.map(AddressKind::of), Ok(None), "{address}");
    }
}

#[test]
fn an_address_in_a_url_is_refused_in_every_form() {
    let none = AllowList::default();
    for (host, kind) in [
        ("127.0.0.1", "a loopback address (127.0.0.1)"),
        ("127.1", "a loopback address (127.0.0.1)"),
        ("2130706433", "a loopback address (127.0.0.1)"),
        ("0x7f.0.0.1", "a loopback address (127.0.0.1)"),
        ("0x7f000001", "a loopback address (127.0.0.1)"),
        ("0177.0.0.01", "a loopback address (127.0.0.1)"),
        ("017700000001", "a loopback address (127.0.0.1)"),
        ("127.0.0.1.", "a loopback address (127.0.0.1)"),
        ("127.0.0.1%2e", "a loopback address (127.0.0.1)"),
        ("%31%32%37.0.0.1", "a loopback address (127.0.0.1)"),
        ("①②⑦.0.0.1", "a loopback address (127.0.0.1)"),
        ("127。0。0。1", "a loopback address (127.0.0.1)"),
        ("10.0.0.7", "a private address (10.0.0.7)"),
        ("0xa9fea9fe", "a link-local address (169.254.169.254)"),
        ("0", "an unspecified address (0.0.0.0)"),
        ("[::1]", "a loopback address (::1)"),
        ("[0:0:0:0:0:0:0:1]", "a loopback address (::1)"),
        (
            "[::ffff:127.0.0.1]",
            "a loopback address (::ffff:127.0.0.1)",
        ),
        ("[::ffff:7f00:1]", "a loopback address (::ffff:127.0.0.1)"),
        ("[64:ff9b::10.0.0.1]", "a private address (64:ff9b::a00:1)"),
        ("[2002:a00:1::]", "a private address (2002:a00:1::)"),
    ] {
        let refused = check(&none, &format!("https://{host}/hook"))
            .err()
            .unwrap_or_default();
        let expected = format!("URL must not point to {kind}; allow it with --webhook-allow ");
        assert!(refused.starts_with(&expected), "{host}: {refused}");
        assert!(
            check(&none, &format!("http://{host}/hook")).is_err(),
            "{host}"
        );
    }
}

#[test]
fn only_https_and_open_ports_are_used() {
    let none = AllowList::default();
    for good in [
        "https://a.example",
        "https://a.example:80",
        "https://8.8.8.8:1024/x?y",
        "https://a.example:65535",
    ] {
        assert_eq!(check(&none, good), Ok(()), "{good}");
    }
    for bad in [
        "http://a.example",
        "http://8.8.8.8",
        "ftp://a.example:2121",
        "mailto:a@b.example",
        "file:///etc/passwd",
    ] {
        assert!(check(&none, bad).is_err(), "{bad}");
    }
    for port in [0, 1, 22, 25, 81, 442, 444, 1023] {
        let refused = check(&none, &format!("https://a.example:{port}/"));
        assert_eq!(
            refused,
            Err("URL must use port 80, 443, or 1024 and above".to_owned())
        );
    }
}

#[test]
fn the_setting_opens_addresses_and_plain_http_to_them() {
    let open = list(&["127.0.0.1", "10.1.2.3/8", "fd00::/8", "N8N.lan."]);
    for url in [
        "http://127.0.0.1:8080",
        "https://127.0.0.1",
        "http://10.200.0.1",
        "http://[fd12::1]:3000",
        "http://n8n.lan",
        "https://n8n.lan.",
        "http://[::ffff:10.0.0.1]",
        "http://localhost:5678",
    ] {
        assert_eq!(check(&open, url), Ok(()), "{url}");
    }
    for url in [
        "http://127.0.0.2",
        "https://192.168.0.1",
        "http://a.n8n.lan",
        "http://8.8.8.8",
        "http://127.0.0.1:22",
    ] {
        assert!(check(&open, url).is_err(), "{url}");
    }
    assert!(check(&list(&["10.0.0.0/8"]), "http://localhost").is_err());
}

#[test]
fn the_address_of_a_name_is_checked_too() {
    let open = list(&["10.0.0.0/8", "n8n.lan"]);
    let address = |text: &str| text.parse().unwrap_or_else(|_| unreachable!("{text}"));
    for (host, at, is_encrypted, expected) in [
        ("a.example", "8.8.8.8", true, ""),
        (
            "a.example",
            "8.8.8.8",
            false,
            "URL must begin with https://",
        ),
        ("a.example", "10.0.0.1", false, ""),
        ("a.example", "::ffff:10.0.0.1", true, ""),
        ("n8n.lan.", "192.168.0.1", false, ""),
        (
            "a.example",
            "192.168.0.1",
            true,
            "a.example resolves to a private address; allow it with --webhook-allow a.example",
        ),
        (
            "a.example",
            "169.254.169.254",
            true,
            "a.example resolves to a link-local address",
        ),
        (
            "a.example",
            "64:ff9b::10.0.0.1",
            true,
            "a.example resolves to a private address",
        ),
    ] {
        let refused = open
            .check_address(host, address(at), is_encrypted)
            .err()
            .unwrap_or_default();
        assert!(refused.starts_with(expected), "{host} {at}: {refused}");
        assert_eq!(
            refused.is_empty(),
            expected.is_empty(),
            "{host} {at}: {refused}"
        );
    }
}

#[test]
fn an_entry_is_a_network_an_address_or_a_host() {
    for bad in [
        "",
        " ",
        "10.0.0.0/33",
        "a b",
        "[::1",
        "http://a.example",
        "a.example:80",
        "*",
        "0x7f.1",
    ] {
        assert!(bad.parse::<AllowedTarget>().is_err(), "{bad:?}");
    }
    assert_eq!(
        "Bücher.example".parse(),
        Ok(AllowedTarget::Host("xn--bcher-kva.example".to_owned()))
    );
}
