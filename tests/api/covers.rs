//! Uploaded covers.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use tackboard::model::covers::{MAX_BYTES, MediaType};
use uuid::Uuid;

use crate::harness::{App, Client, Reply, at_once};
use crate::pictures::{self, JPEG, PNG, Picture, WEBP};
use crate::raw::Raw;

fn put(client: &Client, card: &str, kind: &str, bytes: Vec<u8>) -> Reply {
    let path = format!("/v1/cards/{card}/cover");
    client.call("PUT", &path, &[("content-type", kind)], Some(bytes))
}

/// Width and height of the image at the start of a file.
fn size(kind: MediaType, file: &[u8]) -> Option<(u32, u32)> {
    kind.info(file).map(|info| info.size)
}

/// The path of the cover in a response.
fn path_of(app: &App, reply: &Reply) -> String {
    let card = reply.object();
    let url = card["cover_url"].as_str().unwrap();
    url.strip_prefix(&app.origin).unwrap().to_owned()
}

fn covers(app: &App) -> i64 {
    app.number("SELECT count(*) FROM cover")
}

#[test]
fn what_is_uploaded_is_shown_to_anybody_as_it_was() {
    let app = App::start();
    let client = app.client();
    for picture in [&PNG, &JPEG, &WEBP] {
        let card = client.new_card();
        app.age("card");
        let before = client.show(&format!("/v1/cards/{card}"));
        let reply = client.put_cover(&card, picture).expect(200);
        let after = client.get(&format!("/v1/cards/{card}")).expect(200);
        assert_eq!(after.json(), reply.json());
        assert_eq!(after.header("etag"), reply.header("etag"));
        assert_ne!(after.object()["updated_at"], before["updated_at"]);
        let path = path_of(&app, &reply);
        let shown = app.client_with(None).get(&path).expect(200);
        assert_eq!(shown.bytes, picture.bytes());
        for (name, value) in [
            ("content-type", picture.kind),
            ("cache-control", "public, max-age=31536000, immutable"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("cross-origin-resource-policy", "cross-origin"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(shown.header(name), value, "{name}");
        }
        let tag = [("if-none-match", shown.header("etag"))];
        let known = app.client_with(None).call("GET", &path, &tag, None);
        let known = known.expect(304);
        assert_eq!(
            (known.bytes.len(), known.header("cache-control")),
            (0, shown.header("cache-control"))
        );
        let head = app.client_with(None).call("HEAD", &path, &[], None);
        let length = picture.bytes().len().to_string();
        assert_eq!(
            (head.status, head.header("content-length")),
            (200, length.as_str())
        );
    }
}

#[test]
fn the_ids_of_covers_cannot_be_guessed_and_unknown_ones_are_told() {
    let app = App::shared();
    let client = app.client();
    let ids = [(); 2].map(|()| client.new_cover(&client.new_card()));
    for id in &ids {
        assert_eq!(Uuid::parse_str(id).unwrap().get_version_num(), 4);
    }
    assert_ne!(ids[0], ids[1]);
    let nobody = app.client_with(None);
    let id = Uuid::now_v7();
    let missing = nobody.get(&format!("/covers/{id}"));
    let missing = missing.expect_error(404, "cover_not_found");
    assert_eq!(missing.details(), json!({ "cover_id": id }));
    for known in ["*", &format!("\"{id}\"")] {
        let condition = [("if-none-match", known)];
        let missing = nobody.call("GET", &format!("/covers/{id}"), &condition, None);
        missing.expect_error(404, "cover_not_found");
    }
    nobody.get("/covers/x").expect_error(400, "invalid_uuid");
    nobody
        .call("POST", &format!("/covers/{id}"), &[], None)
        .expect_error(405, "method_not_allowed");
}

#[test]
fn the_url_of_a_cover_can_be_sent_back_and_given_to_other_cards_of_the_workspace() {
    let app =
        App::with(|settings| settings.public_url = Some("http://cards.example".parse().unwrap()));
    let (client, stranger) = (app.client(), app.client());
    let (one, other) = (client.new_card(), client.new_card());
    let id = client.new_cover(&one);
    let path = format!("/v1/cards/{one}");
    let card = client.get(&path);
    let url = card.object()["cover_url"].clone();
    assert_eq!(url, json!(format!("http://cards.example/covers/{id}")));
    let again = json!({ "coverUrl": url });
    let same = client.patch(&path, again.clone()).expect(200);
    assert_eq!(same.header("etag"), card.header("etag"));
    let shared = client.patch(&format!("/v1/cards/{other}"), again.clone());
    assert_eq!(shared.expect(200).object()["cover_url"], url);
    let made = client.post("/v1/cards", json!({ "title": "Third", "coverUrl": url }));
    assert_eq!(made.expect(201).object()["cover_url"], url);
    assert_eq!(covers(&app), 1);
    let told = "Cover URL must be an https:// URL, or that of an uploaded cover of this workspace";
    for (client, url) in [
        (&stranger, url.as_str().unwrap().to_owned()),
        (
            &client,
            format!("http://cards.example/covers/{}", Uuid::now_v7()),
        ),
        (&client, format!("http://other.example/covers/{id}")),
        (&client, format!("{}/covers/{id}", app.origin)),
        (
            &client,
            format!("http://cards.example/covers/{}", "-".repeat(36)),
        ),
    ] {
        let refused = client.post("/v1/cards", json!({ "title": "x", "coverUrl": url }));
        let refused = refused.expect_error(400, "invalid_request");
        assert_eq!(refused.fields(), json!({ "coverUrl": told }), "{url}");
    }
}

#[test]
fn an_origin_that_is_https_hands_out_no_covers_of_others_either() {
    let app =
        App::with(|settings| settings.public_url = Some("https://cards.example".parse().unwrap()));
    let client = app.client();
    let url = format!(
        "https://cards.example/covers/{}",
        client.new_cover(&client.new_card())
    );
    client
        .post("/v1/cards", json!({ "title": "x", "coverUrl": url }))
        .expect(201);
    for url in [
        url.clone(),
        url.replace("https://cards", "HTTPS://CARDS"),
        url.replace("example/", "example:443/"),
        "https://cards.example/covers/x.png".to_owned(),
    ] {
        app.client()
            .post("/v1/cards", json!({ "title": "x", "coverUrl": url }))
            .expect_error(400, "invalid_request");
    }
}

#[test]
fn a_cover_goes_when_nothing_shows_it_any_more() {
    let app = App::start();
    let client = app.client();
    let (one, other) = (client.new_card(), client.new_card());
    let first = client.new_cover(&one);
    let url = client.show(&format!("/v1/cards/{one}"))["cover_url"].clone();
    client
        .patch(&format!("/v1/cards/{other}"), json!({ "coverUrl": url }))
        .expect(200);
    // Another image. The second card still shows the first.
    client.put_cover(&one, &JPEG).expect(200);
    assert_eq!(covers(&app), 2);
    client
        .patch(
            &format!("/v1/cards/{other}"),
            json!({ "coverUrl": "https://example.org/a" }),
        )
        .expect(200);
    let shown = app.client_with(None).get(&format!("/covers/{first}"));
    shown.expect_error(404, "cover_not_found");
    assert_eq!(covers(&app), 1);
    client
        .patch(&format!("/v1/cards/{one}"), json!({ "coverUrl": null }))
        .expect(200);
    assert_eq!(covers(&app), 0);
    client.put_cover(&one, &WEBP).expect(200);
    client.delete(&format!("/v1/cards/{one}")).expect(200);
    assert_eq!(covers(&app), 0);
}

#[test]
fn a_cover_that_was_sent_stays_until_its_card_goes() {
    let app = App::start();
    let client = app.client();
    let card = client.new_card();
    let sent = client.new_cover(&card);
    app.sql(
        "INSERT INTO edition (workspace_id, card_id, revision, title, message, cover_id, accent_color)
         SELECT workspace_id, id, revision, title, message, cover_id, accent_color FROM card",
    );
    client.put_cover(&card, &JPEG).expect(200);
    let nobody = app.client_with(None);
    nobody.get(&format!("/covers/{sent}")).expect(200);
    client
        .patch(&format!("/v1/cards/{card}"), json!({ "coverUrl": null }))
        .expect(200);
    nobody.get(&format!("/covers/{sent}")).expect(200);
    assert_eq!(covers(&app), 1);
    client.delete(&format!("/v1/cards/{card}")).expect(200);
    nobody.get(&format!("/covers/{sent}")).expect(404);
    assert_eq!(covers(&app), 0);
}

#[test]
fn the_same_picture_again_changes_nothing() {
    let app = App::start();
    let client = app.client();
    let card = client.new_card();
    let first = client.put_cover(&card, &PNG).expect(200);
    app.age("card");
    let before = client.get(&format!("/v1/cards/{card}"));
    let again = client.put_cover(&card, &PNG).expect(200);
    assert_eq!(again.json(), before.json());
    assert_eq!(path_of(&app, &again), path_of(&app, &first));
    assert_eq!(app.number("SELECT revision FROM card"), 2);
    let other = client.put_cover(&card, &WEBP).expect(200);
    assert_ne!(path_of(&app, &other), path_of(&app, &first));
    assert_eq!(
        (covers(&app), app.number("SELECT revision FROM card")),
        (1, 3)
    );
}

#[test]
fn of_many_uploads_at_once_one_is_the_cover_and_no_other_is_kept() {
    let app = App::start();
    let client = app.client();
    let card = client.new_card();
    let replies = at_once(24, |n| client.put_cover(&card, [&PNG, &JPEG, &WEBP][n % 3]));
    for reply in replies {
        reply.expect(200);
    }
    assert_eq!(covers(&app), 1);
    let card = client.get(&format!("/v1/cards/{card}")).expect(200);
    let shown = app.client_with(None).get(&path_of(&app, &card));
    assert!(shown.expect(200).bytes.len() > 30);
    assert!((2..=25).contains(&app.number("SELECT revision FROM card")));
}

#[test]
fn a_failed_precondition_keeps_no_picture() {
    let app = App::start();
    let client = app.client();
    let card = client.new_card();
    let path = format!("/v1/cards/{card}/cover");
    let send = |tag: &str| {
        let headers = [("content-type", PNG.kind), ("if-match", tag)];
        client.call("PUT", &path, &headers, Some(PNG.bytes()))
    };
    send("\"old\"").expect_error(412, "precondition_failed");
    assert_eq!(covers(&app), 0);
    let tag = client.get(&format!("/v1/cards/{card}"));
    send(tag.header("etag")).expect(200);
    assert_eq!(covers(&app), 1);
}

#[test]
fn only_three_kinds_are_taken_and_each_by_its_name() {
    let app = App::shared();
    let client = app.client();
    let card = client.new_card();
    for kind in ["image/png", "IMAGE/PNG", "image/png; charset=binary"] {
        put(&client, &card, kind, PNG.bytes()).expect(200);
    }
    for kind in [
        "image/svg+xml",
        "image/gif",
        "image/jpg",
        "image/*",
        "application/json",
        "application/octet-stream",
        "multipart/form-data; boundary=x",
        "",
    ] {
        let reply = put(&client, &card, kind, PNG.bytes());
        let reply = reply.expect_error(415, "unsupported_media_type");
        assert_eq!(reply.details(), json!({ "content_type": kind }));
        assert_eq!(
            reply.json()["error"]["message"],
            "Request body must be image/png, image/jpeg, or image/webp"
        );
    }
    for (claimed, words) in [(&PNG, "PNG"), (&JPEG, "JPEG"), (&WEBP, "WebP")] {
        for real in [&PNG, &JPEG, &WEBP]
            .into_iter()
            .filter(|real| real.kind != claimed.kind)
        {
            let reply = put(&client, &card, claimed.kind, real.bytes());
            let told = format!("Cover must be a whole {words} image");
            let fields = reply.expect_error(400, "invalid_request").fields();
            assert_eq!(fields, json!({ "cover": told }));
        }
    }
    for text in [
        "",
        "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "<html>",
        "GIF89a",
    ] {
        put(&client, &card, "image/png", text.into()).expect_error(400, "invalid_request");
    }
}

#[test]
fn of_a_picture_that_is_cut_off_anywhere_nothing_is_kept() {
    let app = App::start();
    let client = app.client();
    let card = client.new_card();
    for picture in [&PNG, &JPEG, &WEBP] {
        let kind = MediaType::parse(picture.kind).unwrap();
        let whole = picture.bytes();
        assert_eq!(size(kind, &whole), Some((2, 3)), "{}", picture.kind);
        for length in 0..whole.len() {
            assert_eq!(
                size(kind, &whole[..length]),
                None,
                "{} {length}",
                picture.kind
            );
        }
        let half = whole[..whole.len() / 2].to_vec();
        put(&client, &card, picture.kind, half).expect_error(400, "invalid_request");
    }
    assert_eq!(covers(&app), 0);
    // A body shorter than its declared length is not a complete request.
    let headers = [("content-type", "image/png"), ("content-length", "1000")];
    let mut raw = Raw::head(&client, "PUT", &format!("/v1/cards/{card}/cover"), &headers);
    raw.send(PNG.bytes());
    raw.end();
    assert_eq!(covers(&app), 0);
}

#[test]
fn a_picture_has_sane_sides() {
    let app = App::shared();
    let client = app.client();
    let card = client.new_card();
    let of = |width, height| {
        let header = pictures::png_header(width, height);
        pictures::png(&[
            (b"IHDR", &header),
            (b"IDAT", pictures::DATA),
            (b"IEND", b""),
        ])
    };
    for (width, height) in [(1, 1), (16_384, 1), (1, 16_384), (8000, 5000)] {
        put(&client, &card, "image/png", of(width, height)).expect(200);
    }
    for (width, height) in [
        (0, 1),
        (1, 0),
        (16_385, 1),
        (1, 16_385),
        (8000, 5001),
        (16_384, 16_384),
        (u32::MAX, u32::MAX),
    ] {
        let reply = put(&client, &card, "image/png", of(width, height));
        let fields = reply.expect_error(400, "invalid_request").fields();
        let told =
            "Cover must be 1 to 16384 pixels wide and high, and of at most 40 million pixels";
        assert_eq!(fields, json!({ "cover": told }), "{width} × {height}");
    }
}

#[test]
fn of_a_file_the_picture_alone_is_kept() {
    let app = App::shared();
    let client = app.client();
    let card = client.new_card();
    for picture in [&PNG, &JPEG, &WEBP] {
        let tail = b"\0<script>alert(1)</script>";
        let file = [picture.bytes().as_slice(), tail].concat();
        let reply = put(&client, &card, picture.kind, file).expect(200);
        let shown = app.client_with(None).get(&path_of(app, &reply));
        assert_eq!(shown.expect(200).bytes, picture.bytes());
        let again = client.put_cover(&card, picture).expect(200);
        assert_eq!(again.json(), reply.json(), "the same picture");
    }
}

#[test]
fn png_files_are_known_by_their_chunks() {
    let header = pictures::png_header(2, 3);
    let size = |chunks: &[(&[u8; 4], &[u8])]| self::size(MediaType::Png, &pictures::png(chunks));
    let data: (&[u8; 4], &[u8]) = (b"IDAT", pictures::DATA);
    let end: (&[u8; 4], &[u8]) = (b"IEND", b"");
    assert_eq!(size(&[(b"IHDR", &header), data, end]), Some((2, 3)));
    assert_eq!(
        size(&[(b"IHDR", &header), (b"tEXt", b"x"), data, data, end]),
        Some((2, 3))
    );
    assert_eq!(size(&[(b"IHDR", &header), end]), None, "no data");
    assert_eq!(size(&[(b"IHDR", &header), data]), None, "no end");
    assert_eq!(
        size(&[(b"tEXt", b"x"), (b"IHDR", &header), data, end]),
        None
    );
    assert_eq!(
        size(&[(b"IHDR", &header), (b"IHDR", &header), data, end]),
        None
    );
    assert_eq!(size(&[(b"IHDR", &header[..12]), data, end]), None);
    for (at, value) in [(8, 3), (9, 1), (9, 3), (10, 1), (11, 1), (12, 2)] {
        let mut bad = header;
        bad[at] = value;
        let known = size(&[(b"IHDR", &bad), data, end]);
        // A palette of 8 bits is fine.
        assert_eq!(
            known,
            (at == 9 && value == 3).then_some((2, 3)),
            "byte {at} is {value}"
        );
    }
    let mut damaged = pictures::png(&[(b"IHDR", &header), data, end]);
    damaged[20] ^= 1;
    let damaged = self::size(MediaType::Png, &damaged);
    assert_eq!(damaged, None, "a checksum is wrong");
    let script: (&[u8; 4], &[u8]) = (b"IEND", b"<script>");
    assert_eq!(size(&[(b"IHDR", &header), data, script]), None);
}

#[test]
fn the_data_of_png_files_is_one_zlib_stream() {
    let size = |parts: &[&[u8]]| {
        let header = pictures::png_header(2, 3);
        let data = parts
            .iter()
            .map(|part| (b"IDAT", *part) as (&[u8; 4], &[u8]));
        let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"IHDR", &header)];
        chunks.extend(data.chain([(b"IEND", b"".as_slice()) as (&[u8; 4], &[u8])]));
        self::size(MediaType::Png, &pictures::png(&chunks))
    };
    for good in [
        &[b"\x78\x01".as_slice()] as &[&[u8]],
        &[b"\x78\x9c\xed\xc1"],
        &[b"\x78\xda"],
        &[b"\x08\x1d"],
        &[b"", b"\x78", b"", b"\x01"],
    ] {
        assert_eq!(size(good), Some((2, 3)), "{good:?}");
    }
    for bad in [
        &[b"".as_slice()] as &[&[u8]],
        &[b"", b""],
        &[b"\x78"],
        &[b"xx"],
        &[b"\x78\x02"],
        &[b"\x01\x78"],
        &[b"\x79\x00"],
        &[b"\x78", b"\x02"],
    ] {
        assert_eq!(size(bad), None, "{bad:?}");
    }
}

#[test]
fn jpeg_files_are_known_by_their_segments() {
    let size = |bytes: &[u8]| size(MediaType::Jpeg, bytes);
    let whole = JPEG.bytes();
    let at = |marker: [u8; 2]| whole.windows(2).position(|two| two == marker).unwrap();
    let (frame, scan) = (at([0xff, 0xc0]), at([0xff, 0xda]));
    let end = whole.len() - 2;
    let with = |at: usize, bytes: &[u8]| [&whole[..at], bytes, &whole[at..]].concat();
    assert_eq!(
        size(&with(frame, b"\xff\xff\xff")),
        Some((2, 3)),
        "fill bytes"
    );
    assert_eq!(size(&with(frame, b"\xff\xe1\x00\x04ab")), Some((2, 3)));
    assert_eq!(size(&with(end, b"\xff\x00\xff\xd0\x01")), Some((2, 3)));
    assert_eq!(
        size(&with(whole.len(), b"more")),
        Some((2, 3)),
        "as cameras do"
    );
    // A progressive image has several scans.
    let several = with(end, &whole[scan..end]);
    let progressive = [&several[..frame + 1], b"\xc2", &several[frame + 2..]].concat();
    assert_eq!(size(&progressive), Some((2, 3)));
    assert_eq!(
        size(&[&whole[..scan], b"\xff\xd9"].concat()),
        None,
        "no scan"
    );
    assert_eq!(
        size(&[&whole[..frame], &whole[scan..]].concat()),
        None,
        "no frame"
    );
    let huge = b"\xff\xc0\0\x0b\x08\xff\xff\xff\xff\x01\x01\x11\0";
    for at in [frame, scan, end] {
        assert_eq!(size(&with(at, huge)), None, "a second frame at {at}");
    }
    let scan_first = [&whole[..frame], &whole[scan..end], &whole[frame..]].concat();
    assert_eq!(size(&scan_first), None, "a scan of no frame");
    assert_eq!(
        size(&with(frame, b"\xff\xe1\x00\x01")),
        None,
        "a length below its own"
    );
    assert_eq!(size(&with(frame, b"\xff\xe1\xff\xff")), None);
    assert_eq!(size(&with(frame, b"\xff\xd8")), None);
    assert_eq!(size(&with(frame, b"x")), None);
}

#[test]
fn webp_files_are_known_by_their_chunks() {
    let size = |bytes: &[u8]| size(MediaType::Webp, bytes);
    for file in pictures::more_webp() {
        assert_eq!(size(&file), Some((2, 3)));
        for length in 0..file.len() {
            assert_eq!(size(&file[..length]), None, "{length}");
        }
    }
    let whole = WEBP.bytes();
    assert_eq!(size(&[whole.as_slice(), b"more"].concat()), Some((2, 3)));
    let chunk = &whole[12..];
    let header = b"VP8X\x0a\0\0\0\0\0\0\0\x01\0\0\x02\0\0";
    assert_eq!(size(&pictures::riff(header)), None, "no data");
    assert_eq!(size(&pictures::riff(b"")), None);
    assert_eq!(
        size(&pictures::riff(&[b"ICCP\0\0\0\0", chunk].concat())),
        None
    );
    assert_eq!(size(&pictures::riff(&[chunk, b"EXIF"].concat())), None);
    for (file, fits) in pictures::webp_sizes() {
        assert_eq!(size(&file), fits.then_some((2, 3)));
    }
    let mut other = whole.clone();
    other[8] = b'A';
    assert_eq!(size(&other), None, "another kind of RIFF file");
}

#[test]
fn two_mebibytes_are_taken_whatever_the_limit_of_other_bodies_is() {
    let app = App::with(|settings| settings.body_limit = 1000);
    let client = app.client();
    let card = client.new_card();
    let largest = pictures::png_of(MAX_BYTES);
    assert_eq!(largest.len(), MAX_BYTES);
    let reply = put(&client, &card, "image/png", largest.clone()).expect(200);
    let shown = app.client_with(None).get(&path_of(&app, &reply));
    assert!(shown.expect(200).bytes == largest);
    let path = format!("/v1/cards/{card}/cover");
    let headers = [("content-type", "image/png"), ("content-length", "2097153")];
    let refused = Raw::head(&client, "PUT", &path, &headers).reply(&client);
    let refused = refused.expect_error(413, "payload_too_large");
    assert_eq!(refused.details(), json!({ "limit_bytes": MAX_BYTES }));
    let chunked = [
        ("content-type", "image/png"),
        ("transfer-encoding", "chunked"),
    ];
    let mut raw = Raw::head(&client, "PUT", &path, &chunked);
    for part in pictures::png_of(MAX_BYTES + 1).chunks(1 << 16) {
        raw.send(format!("{:x}\r\n", part.len()));
        raw.send(part);
        raw.send("\r\n");
    }
    raw.send("0\r\n\r\n");
    raw.reply(&client).expect_error(413, "payload_too_large");
    let wide = App::with(|settings| settings.body_limit = 16 << 20);
    let client = wide.client();
    put(
        &client,
        &client.new_card(),
        "image/png",
        pictures::png_of(MAX_BYTES + 1),
    )
    .expect_error(413, "payload_too_large");
}

#[test]
fn an_upload_in_chunks_is_taken_and_one_that_dribbles_is_cut_off() {
    let app = App::with(|settings| settings.request_timeout = Duration::from_millis(500));
    let client = app.client();
    let path = format!("/v1/cards/{}/cover", client.new_card());
    let chunked = [("content-type", PNG.kind), ("transfer-encoding", "chunked")];
    let mut raw = Raw::head(&client, "PUT", &path, &chunked);
    for part in PNG.bytes().chunks(7) {
        raw.send(format!("{:x}\r\n", part.len()));
        raw.send(part);
        raw.send("\r\n");
    }
    raw.send("0\r\n\r\n");
    raw.reply(&client).expect(200);
    let mut raw = Raw::head(&client, "PUT", &path, &chunked);
    raw.send("5\r\nabc");
    raw.reply(&client).expect_error(408, "request_timeout");
    let mut raw = Raw::head(&client, "PUT", &path, &chunked);
    raw.send("nonsense\r\n");
    let told = raw.reply(&client).expect_error(400, "invalid_request");
    assert_eq!(
        told.fields(),
        json!({ "cover": "Cover did not arrive whole" })
    );
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange(picture in 0..3_usize, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8)) {
        let picture: &Picture = [&PNG, &JPEG, &WEBP][picture];
        let mut bytes = picture.bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let size = size(MediaType::parse(picture.kind).unwrap(), &bytes);
        prop_assert!(size.is_none_or(|(width, _)| width < 1 << 25));
    }
}
