//! Pictures as inputs: every format gives the pixels that it holds, sequences, colours, depth.

mod common;

use common::{fixlearn, json, refused, Folder};
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use fixlearn::input::{self, Cut, Frames, Layout, Samples, Scaling};
use image::codecs::bmp::BmpEncoder;
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::RgbImage;
use image::{DynamicImage, ExtendedColorType, Frame, ImageEncoder, ImageFormat};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use tiff::encoder::colortype::{ColorType, Gray16, Gray32Float, Gray8, RGB16, RGB8};
use tiff::encoder::{TiffEncoder, TiffValue};

const WIDTH: usize = 13;
const HEIGHT: usize = 10;
const AREA: usize = WIDTH * HEIGHT;

/// The grey pixels of frame `i`.
fn grey(i: usize) -> Vec<u8> {
    (0..AREA).map(|at| (at % WIDTH * 19 + at / WIDTH * 3 + 40 * i) as u8).collect()
}

/// Those of frame `i` in colour, pixel by pixel; only a few colours, as GIF has them.
fn colours(i: usize) -> Vec<u8> {
    let pixel = |at: usize| [at % WIDTH * 19, at / WIDTH * 20, 30 + 70 * i];
    (0..AREA).flat_map(pixel).map(|sample| sample as u8).collect()
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("a picture");
    bytes.into_inner()
}

fn grey_image(i: usize) -> DynamicImage {
    let (width, height) = (WIDTH as u32, HEIGHT as u32);
    image::GrayImage::from_raw(width, height, grey(i)).expect("pixels").into()
}

fn colour_image(i: usize) -> DynamicImage {
    RgbImage::from_raw(WIDTH as u32, HEIGHT as u32, colours(i)).expect("pixels").into()
}

fn deep_image(pixels: &[u16]) -> DynamicImage {
    let (width, height) = (WIDTH as u32, HEIGHT as u32);
    DynamicImage::ImageLuma16(
        image::ImageBuffer::from_raw(width, height, pixels.to_vec()).expect("pixels"),
    )
}

/// A TIFF with a page for each of `pages`.
fn pages<C: ColorType>(pages: &[Vec<C::Inner>]) -> Vec<u8>
where
    [C::Inner]: TiffValue,
{
    let mut bytes = Cursor::new(Vec::new());
    let mut tiff = TiffEncoder::new(&mut bytes).expect("a TIFF");
    for page in pages {
        tiff.write_image::<C>(WIDTH as u32, HEIGHT as u32, page).expect("a page");
    }
    bytes.into_inner()
}

/// An animated GIF of these frames.
fn gif(frames: &[DynamicImage]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut bytes, 1);
    encoder.encode_frames(frames.iter().map(|f| Frame::new(f.to_rgba8()))).expect("a GIF");
    drop(encoder);
    bytes
}

/// An animated PNG of these frames, as pixels of `color`.
fn apng(frames: &[Vec<u8>], color: png::ColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, WIDTH as u32, HEIGHT as u32);
    encoder.set_color(color);
    encoder.set_animated(frames.len() as u32, 0).expect("an animation");
    let mut writer = encoder.write_header().expect("a header");
    for frame in frames {
        writer.write_image_data(frame).expect("a frame");
    }
    writer.finish().expect("a PNG");
    bytes
}

/// A DICOM file, 16 bits a pixel unless `more` says otherwise.
fn dicom(frames: &[Vec<i32>], more: &[(dicom_core::Tag, VR, PrimitiveValue)]) -> Vec<u8> {
    let number = |n: usize| PrimitiveValue::from(n as u16);
    let words: Vec<u16> = frames.concat().into_iter().map(|v| v as u16).collect();
    let mut object = InMemDicomObject::from_element_iter([
        DataElement::new(tags::SOP_CLASS_UID, VR::UI, uids::SECONDARY_CAPTURE_IMAGE_STORAGE),
        DataElement::new(tags::SOP_INSTANCE_UID, VR::UI, "2.25.1"),
        DataElement::new(tags::SAMPLES_PER_PIXEL, VR::US, number(1)),
        DataElement::new(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"),
        DataElement::new(tags::ROWS, VR::US, number(HEIGHT)),
        DataElement::new(tags::COLUMNS, VR::US, number(WIDTH)),
        DataElement::new(tags::BITS_ALLOCATED, VR::US, number(16)),
        DataElement::new(tags::BITS_STORED, VR::US, number(16)),
        DataElement::new(tags::HIGH_BIT, VR::US, number(15)),
        DataElement::new(tags::PIXEL_REPRESENTATION, VR::US, number(0)),
        DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(words.into())),
    ]);
    if frames.len() > 1 {
        let count = frames.len().to_string();
        object.put(DataElement::new(tags::NUMBER_OF_FRAMES, VR::IS, count.as_str()));
    }
    for (tag, vr, value) in more {
        object.put(DataElement::new(*tag, *vr, value.clone()));
    }
    let meta = FileMetaTableBuilder::new().transfer_syntax(uids::EXPLICIT_VR_LITTLE_ENDIAN);
    let file = object.with_meta(meta).expect("a file");
    let mut bytes = Vec::new();
    file.write_all(&mut bytes).expect("written");
    bytes
}

fn text(value: &str) -> PrimitiveValue {
    PrimitiveValue::from(value)
}

fn load(paths: &[PathBuf], scaling: Scaling) -> Samples {
    let cut = Cut { block: 4, grey: false };
    input::load(paths, cut, false, &Default::default(), scaling).expect("pictures")
}

fn one(f: &Folder, name: &str, bytes: Vec<u8>) -> Samples {
    load(&[f.file(name, bytes)], Scaling::ByColumn)
}

/// What stderr says of a training on this picture that succeeds.
fn trained(f: &Folder, path: &Path, more: &[&str]) -> String {
    let (path, model) = (path.to_str().expect("text"), f.at("m.json"));
    let line = ["train", path, "--out", &model, "--port", "golden", "--codewords", "16"];
    let line = [&line[..], &["--passes", "2", "--force"], more].concat();
    let done = fixlearn(&line);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{said}");
    said
}

/// Training on this file is refused with these words.
fn no(f: &Folder, name: &str, bytes: Vec<u8>, words: &[&str]) {
    let (path, model) = (f.file(name, bytes), f.at("none.json"));
    let path = path.to_str().expect("text");
    let line = ["train", path, "--out", &model, "--port", "golden"];
    refused(&line, &[&[name][..], words].concat());
    assert!(!f.path("none.json").exists());
}

/// The same pixels are the same vectors, whatever they are stored in; the size is no multiple of
/// the block.
#[test]
fn a_format_is_no_matter() {
    let f = Folder::new();
    let png = one(&f, "a.png", encoded(&grey_image(0), ImageFormat::Png));
    let layout = Layout::Images { count: 1, width: WIDTH, height: HEIGHT, block: 4, planes: 1 };
    assert_eq!(png.layout, layout);
    assert_eq!(png.layout.restore(&png.vectors), grey(0));
    let values: Vec<i32> = grey(0).into_iter().map(i32::from).collect();
    let mut big = Cursor::new(Vec::new());
    let mut tiff = TiffEncoder::new_big(&mut big).expect("a TIFF");
    tiff.write_image::<Gray8>(WIDTH as u32, HEIGHT as u32, &grey(0)).expect("a page");
    let big = big.into_inner();
    let bits = |n: u16| PrimitiveValue::from(n);
    let eight = [
        (tags::BITS_ALLOCATED, VR::US, bits(8)),
        (tags::BITS_STORED, VR::US, bits(8)),
        (tags::HIGH_BIT, VR::US, bits(7)),
        (tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(grey(0).into())),
    ];
    for (name, bytes) in [
        ("a.pgm", encoded(&grey_image(0), ImageFormat::Pnm)),
        ("a.bmp", encoded(&grey_image(0), ImageFormat::Bmp)),
        ("a.tif", pages::<Gray8>(&[grey(0)])),
        ("big.tif", big),
        ("a.gif", gif(&[grey_image(0)])),
        ("a.apng", apng(&[grey(0)], png::ColorType::Grayscale)),
        ("a.dcm", dicom(&[vec![0; AREA]], &eight)),
        ("1.2.840.7", dicom(&[values], &[])),
    ] {
        let other = one(&f, name, bytes);
        assert_eq!(other.vectors, png.vectors, "{name}");
        assert_eq!(other.digest(), png.digest(), "{name}");
    }
    let png = one(&f, "c.png", encoded(&colour_image(0), ImageFormat::Png));
    assert_eq!(png.layout.samples(), 3 * AREA);
    let green: Vec<u8> = colours(0).into_iter().skip(1).step_by(3).collect();
    assert_eq!(png.layout.restore(&png.vectors)[AREA..2 * AREA], green);
    for (name, bytes) in [
        ("c.ppm", encoded(&colour_image(0), ImageFormat::Pnm)),
        ("c.bmp", encoded(&colour_image(0), ImageFormat::Bmp)),
        ("c.tiff", pages::<RGB8>(&[colours(0)])),
        ("c.gif", gif(&[colour_image(0)])),
        ("c2.png", apng(&[colours(0)], png::ColorType::Rgb)),
    ] {
        let other = one(&f, name, bytes);
        assert_eq!(other.vectors, png.vectors, "{name}");
        assert_eq!(other.layout, png.layout, "{name}");
    }
    // JPEG changes the pixels; they are those that are decoded.
    for (name, image) in [("g.jpg", grey_image(0)), ("c.jpeg", colour_image(0))] {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&image).expect("a JPEG");
        let seen = image::load_from_memory(&bytes).expect("a JPEG");
        let again = one(&f, "seen.png", encoded(&seen, ImageFormat::Png));
        assert_eq!(one(&f, name, bytes).vectors, again.vectors, "{name}");
    }
}

/// Frames are those of a file, then those of the next.
#[test]
fn sequences() {
    let f = Folder::new();
    let file = |i: usize| f.file(&format!("{i}.png"), encoded(&grey_image(i), ImageFormat::Png));
    let paths: Vec<PathBuf> = (0..4).map(file).collect();
    let files = load(&paths, Scaling::ByColumn);
    assert!(matches!(files.layout, Layout::Images { count: 4, planes: 1, .. }));
    let images = [0, 1, 2].map(grey_image);
    let values: Vec<Vec<i32>> =
        (0..3).map(|i| grey(i).into_iter().map(i32::from).collect()).collect();
    let bytes = [
        ("s.tif", pages::<Gray8>(&[grey(0), grey(1), grey(2)])),
        ("s.gif", gif(&images)),
        ("s.png", apng(&[grey(0), grey(1), grey(2)], png::ColorType::Grayscale)),
        ("s.dcm", dicom(&values, &[])),
    ];
    for (name, bytes) in bytes {
        let both = load(&[f.file(name, bytes), paths[3].clone()], Scaling::ByColumn);
        assert_eq!(both.layout, files.layout, "{name}");
        assert_eq!(both.vectors, files.vectors, "{name}");
    }
    // Each part of a GIF's frame that is not drawn is that of the frame before.
    let mut bytes = Vec::new();
    let palette: Vec<u8> = (0..=255).flat_map(|i| [i; 3]).collect();
    let (width, height) = (WIDTH as u16, HEIGHT as u16);
    let mut encoder = gif::Encoder::new(&mut bytes, width, height, &palette).expect("a GIF");
    let whole = gif::Frame::from_indexed_pixels(width, height, grey(0), None);
    let part = gif::Frame::from_indexed_pixels(1, 1, vec![9], None);
    let part = gif::Frame { left: 3, top: 2, ..part };
    [whole, part].iter().for_each(|frame| encoder.write_frame(frame).expect("a frame"));
    drop(encoder);
    let Frames { frames, .. } =
        input::frames(&[f.file("part.gif", bytes)], false, None).expect("a GIF");
    let mut second = grey(0);
    second[2 * WIDTH + 3] = 9;
    assert_eq!(frames, [grey(0), second]);
    // A grey file among coloured ones is coloured, too.
    let colour = f.file("c.png", encoded(&colour_image(1), ImageFormat::Png));
    let mixed = input::frames(&[paths[0].clone(), colour], false, None).expect("pictures");
    assert_eq!((mixed.planes, mixed.frames.len()), (3, 2));
    assert_eq!(mixed.frames[0], grey(0).repeat(3));
}

/// Colours come back, PNG and PPM, of 8 and of 16 bits; in grey they are one plane.
#[test]
fn colours_come_back() {
    let f = Folder::new();
    // Few blocks that differ: enough codewords hold all of them.
    let pixel = |x: u32, y: u32| image::Rgb([60 * (x / 4) as u8, 80 * (y / 4) as u8, 7]);
    let image: DynamicImage = RgbImage::from_fn(16, 8, pixel).into();
    let second = image.fliph();
    let picture = f.file("a.png", encoded(&image, ImageFormat::Png));
    let other = f.file("b.png", encoded(&second, ImageFormat::Png));
    let model = f.at("m.json");
    let said = trained(&f, &picture, &[]);
    assert!(said.contains("--grey"), "{said}");
    let names = [&picture, &other].map(|path| path.to_str().expect("text").to_string());
    let index = f.at("a.idx");
    let line = ["encode", &names[0], &names[1], "--model", &model, "--out", &index];
    let line = [&line[..], &["--port", "golden", "--with-codebook"]].concat();
    let quality = json(&line);
    assert_eq!(quality["mse"], 0.0, "{quality}");
    let head = std::fs::read(&index).expect("a file");
    let head = head.split(|&b| b == b'\n').next().expect("a line");
    let head: serde_json::Value = serde_json::from_slice(head).expect("JSON");
    assert_eq!((&head["layout"]["planes"], &head["version"]), (&3.into(), &3.into()));
    json(&["decode", &index, "--out", &f.at("back.ppm")]);
    json(&["decode", &index, "--out", &f.at("back.png")]);
    for ending in ["ppm", "png"] {
        for (i, image) in [&image, &second].iter().enumerate() {
            let path = f.path(&format!("back-00{i}.{ending}"));
            let back = image::open(path).expect("a picture");
            assert_eq!(back.color(), image::ColorType::Rgb8);
            assert_eq!(back.as_bytes(), image.as_bytes());
        }
    }
    refused(&["decode", &index, "--out", &f.at("x.pgm")], &["coloured", ".png or .ppm"]);
    // A model of grey pictures codes the planes of coloured ones; asked to, their grey.
    json(&[&line[..], &["--grey"]].concat());
    json(&["decode", &index, "--out", &f.at("grey.pgm")]);
    let said = trained(&f, &picture, &["--grey"]);
    assert!(said.contains("turned into grey"), "{said}");
    assert_eq!(f.json("m.json")["plan"]["colour"], serde_json::Value::Null);
    json(&line);
    json(&["decode", &index, "--out", &f.at("grey2.pgm")]);
    assert_eq!(
        image::open(f.path("grey2-000.pgm")).expect("a picture").as_bytes(),
        image.to_luma8().as_raw()
    );
    json(&["check", &names[0], "--model", &model]);
    // 16 bits of each colour.
    let deep = image.to_rgb16();
    let deep = f.file("d.png", encoded(&DynamicImage::ImageRgb16(deep), ImageFormat::Png));
    trained(&f, &deep, &[]);
    let line = ["encode", deep.to_str().expect("text"), "--model", &model, "--out", &index];
    json(&[&line[..], &["--port", "golden", "--with-codebook"]].concat());
    for ending in ["png", "ppm"] {
        let back = f.at(&format!("deep.{ending}"));
        json(&["decode", &index, "--out", &back]);
        let back = image::open(back).expect("a picture");
        assert_eq!(back.color(), image::ColorType::Rgb16, "{ending}");
        let error = |(a, b): (&u16, &u16)| a.abs_diff(*b);
        let (back, given) = (back.to_rgb16(), image.to_rgb16());
        let most = back.as_raw().iter().zip(given.as_raw()).map(error).max();
        assert!(most < Some(300), "{ending}: {most:?}");
    }
}

#[test]
fn grey_that_is_stored_in_colour() {
    let f = Folder::new();
    let stored = DynamicImage::from(grey_image(0).to_rgb8());
    let path = f.file("g.png", encoded(&stored, ImageFormat::Png));
    let said = trained(&f, &path, &[]);
    assert!(said.contains("grey throughout"), "{said}");
    let samples = load(&[path], Scaling::ByColumn);
    assert_eq!(samples.layout.samples(), AREA);
    assert_eq!(samples.layout.restore(&samples.vectors), grey(0));
}

/// So that models of earlier versions, which turned all colours into grey, find the same pixels.
#[test]
fn grey_colours_turned_into_grey_stay() {
    let bytes = RgbImage::from_fn(256, 1, |x, _| image::Rgb([x as u8; 3]));
    let grey = DynamicImage::from(bytes).into_luma8().into_raw();
    assert!(grey.iter().enumerate().all(|(i, &v)| i == usize::from(v)), "{grey:?}");
    let words = image::ImageBuffer::from_fn(256, 256, |x, y| image::Rgb([(256 * y + x) as u16; 3]));
    let grey = DynamicImage::ImageRgb16(words).into_luma16().into_raw();
    let other = grey.iter().enumerate().find(|(i, &v)| *i != usize::from(v));
    assert_eq!(other, None);
}

/// 16 bits: the range of all frames, or a window; what is outside saturates and is counted.
#[test]
fn deep_pictures_and_windows() {
    let f = Folder::new();
    let ramp = |from: u16| -> Vec<u16> { (0..AREA as u16).map(|i| from + 100 * i).collect() };
    let (dark, bright) = (ramp(1000), ramp(20_000));
    let top = 20_000 + 100 * (AREA as u16 - 1);
    let png =
        |name: &str, pixels: &[u16]| f.file(name, encoded(&deep_image(pixels), ImageFormat::Png));
    let files = [png("1.png", &dark), png("2.png", &bright)];
    let two = load(&files, Scaling::ByColumn);
    let scale = two.quantization.of(0);
    assert_eq!((scale.offset, scale.scale), (1000.0, f64::from(top - 1000) / 255.0));
    let words = |pixels: &[u16]| -> Vec<i32> { pixels.iter().map(|&p| p.into()).collect() };
    let floats = |pixels: &[u16]| -> Vec<f32> { pixels.iter().map(|&p| p.into()).collect() };
    for (name, bytes) in [
        ("d.tif", pages::<Gray16>(&[dark.clone(), bright.clone()])),
        ("f.tif", pages::<Gray32Float>(&[floats(&dark), floats(&bright)])),
        ("d.dcm", dicom(&[words(&dark), words(&bright)], &[])),
    ] {
        let other = one(&f, name, bytes);
        assert_eq!(other.vectors, two.vectors, "{name}");
        assert_eq!(other.quantization, two.quantization, "{name}");
    }
    let colour: Vec<u16> = (0..AREA as u16).flat_map(|i| [i, 2 * i, 60_000]).collect();
    let samples = one(&f, "c.tif", pages::<RGB16>(&[colour]));
    assert_eq!(samples.layout.samples(), 3 * AREA);
    assert_eq!(samples.quantization.of(0).scale, 60_000.0 / 255.0);
    // A window.
    let window = load(&files[..1], Scaling::Window(2000.0, 2510.0));
    let pixels = window.layout.restore(&window.vectors);
    assert_eq!((pixels[9], pixels[10], pixels[12], pixels[16]), (0, 0, 100, 255));
    let said = trained(&f, &files[0], &["--window", "2000,2510"]);
    let outside = 10 + AREA - 16;
    assert!(said.contains(&format!("{outside} of {AREA} values are outside")), "{said}");
    let model = f.json("m.json");
    assert_eq!(model["plan"]["quantization"]["offset"], 2000.0);
    let path = files[0].to_str().expect("text");
    let (m, index) = (f.at("m.json"), f.at("w.idx"));
    let quality = json(&["encode", path, "--model", &m, "--out", &index, "--port", "golden"]);
    assert_eq!(quality["outside"], outside);
    json(&["check", path, "--model", &m]);
    let again = ["train", path, "--out", &m, "--port", "golden", "--resume", "--window"];
    refused(&[&again[..], &["0,9"]].concat(), &["--window"]);
    assert!(fixlearn(&[&again[..], &["2000,2510"]].concat()).status.success());
    // Of 8 bits: the picture has 8 again.
    let plain = f.file("8.png", encoded(&grey_image(0), ImageFormat::Png));
    trained(&f, &plain, &["--window", "50,152"]);
    let line = ["encode", plain.to_str().expect("text"), "--model", &m, "--out", &index];
    json(&[&line[..], &["--port", "golden", "--with-codebook"]].concat());
    json(&["decode", &index, "--out", &f.at("8b.png")]);
    let back = image::open(f.path("8b.png")).expect("a picture");
    assert_eq!(back.color(), image::ColorType::L8);
    assert!(back.as_bytes().iter().all(|v| (50..=152).contains(v)));
    for window in ["5,5", "9,1", "a,b", "7", "1,inf", "nan,2"] {
        let line = ["train", path, "--out", &m, "--port", "golden", "--force", "--window", window];
        let done = fixlearn(&line);
        assert_eq!(done.status.code(), Some(2), "{window}");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(said.contains("LOW,HIGH"), "{said}");
    }
    let table = f.file("t.csv", "1,2\n3,4\n");
    let table = table.to_str().expect("text");
    for more in [&["--window", "1,2"][..], &["--grey"]] {
        let line = ["train", table, "--out", &f.at("t.json"), "--port", "golden"];
        refused(&[&line[..], more].concat(), &["pictures"]);
    }
}

/// DICOM: rescaled, its window, 0 as white, signed and few bits.
#[test]
fn dicom_says_what_its_pixels_are() {
    let f = Folder::new();
    let stored = [(0..AREA as i32).map(|i| 20 * i).collect()];
    let frames =
        |path: &Path, window| input::frames(&[path.to_owned()], false, window).expect("it");
    let rescale = [
        (tags::RESCALE_SLOPE, VR::DS, text("2")),
        (tags::RESCALE_INTERCEPT, VR::DS, text("-1024")),
    ];
    let path = f.file("r.dcm", dicom(&stored, &rescale));
    let read = frames(&path, None);
    assert_eq!(read.values[0][..3], [-1024.0, -984.0, -944.0]);
    assert_eq!(read.quantization.of(0).offset, -1024.0);
    // From -160.5 + 0.5 ... as C.11.2.1.2 of the standard has it.
    let window =
        [(tags::WINDOW_CENTER, VR::DS, text("40")), (tags::WINDOW_WIDTH, VR::DS, text("401"))];
    let both = [&rescale[..], &window].concat();
    let path = f.file("w.dcm", dicom(&stored, &both));
    let read = frames(&path, None);
    let scale = read.quantization.of(0);
    assert_eq!((scale.offset, scale.offset + 255.0 * scale.scale), (-160.5, 239.5));
    let said = trained(&f, &path, &[]);
    assert!(said.contains("-160.5") && said.contains("239.5"), "{said}");
    assert!(said.contains("the window that the input names"), "{said}");
    let own = frames(&path, Some((-100.0, 100.0))).quantization.of(0);
    assert_eq!((own.offset, own.offset + 255.0 * own.scale), (-100.0, 100.0));
    // Values below 0 are none of a PNG: it shows the steps.
    let (m, index) = (f.at("m.json"), f.at("w.idx"));
    let line = ["encode", path.to_str().expect("text"), "--model", &m, "--out", &index];
    json(&[&line[..], &["--port", "golden", "--with-codebook"]].concat());
    let done = fixlearn(&["decode", &index, "--out", &f.at("w.png")]);
    assert!(String::from_utf8_lossy(&done.stderr).contains("from -160.5 to 239.5"));
    assert_eq!(image::open(f.path("w.png")).expect("it").color(), image::ColorType::L8);
    // 0 is white: the values and the window from the other end.
    let bits = |n: u16| PrimitiveValue::from(n);
    let twelve = [
        (tags::BITS_STORED, VR::US, bits(12)),
        (tags::HIGH_BIT, VR::US, bits(11)),
        (tags::PHOTOMETRIC_INTERPRETATION, VR::CS, text("MONOCHROME1")),
    ];
    let path = f.file("1.dcm", dicom(&stored, &twelve));
    assert_eq!(frames(&path, None).values[0][..2], [4095.0, 4075.0]);
    let path = f.file("2.dcm", dicom(&stored, &[&twelve[..], &window].concat()));
    let scale = frames(&path, None).quantization.of(0);
    assert_eq!((scale.offset, scale.offset + 255.0 * scale.scale), (3855.5, 4255.5));
    // Signed, of 12 bits, with others above them.
    let signed = [
        (tags::BITS_STORED, VR::US, bits(12)),
        (tags::HIGH_BIT, VR::US, bits(11)),
        (tags::PIXEL_REPRESENTATION, VR::US, bits(1)),
    ];
    let pixels: Vec<i32> = (0..AREA as i32).map(|i| (i - 50) & 0xfff | 0xa000).collect();
    let path = f.file("s.dcm", dicom(&[pixels], &signed));
    assert_eq!(frames(&path, None).values[0][..3], [-50.0, -49.0, -48.0]);
    // A sequence of files keeps the widest window.
    let wide =
        [(tags::WINDOW_CENTER, VR::DS, text("500.5")), (tags::WINDOW_WIDTH, VR::DS, text("1001"))];
    let other = f.file("v.dcm", dicom(&stored, &[&rescale[..], &wide].concat()));
    let all = input::frames(&[f.path("w.dcm"), other], false, None).expect("it");
    let scale = all.quantization.of(0);
    assert_eq!((scale.offset, scale.offset + 255.0 * scale.scale), (-160.5, 1000.0));
    // What is no picture of one kind of grey.
    let colour = [(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, text("RGB"))];
    no(&f, "c.dcm", dicom(&stored, &colour), &["in colour (RGB)"]);
    let few = [(tags::NUMBER_OF_FRAMES, VR::IS, text("2"))];
    no(&f, "n.dcm", dicom(&stored, &few), &["260 bytes of pixels", "names 520"]);
    let many = [(tags::NUMBER_OF_FRAMES, VR::IS, text("9999999"))];
    no(&f, "m.dcm", dicom(&stored, &many), &["268435456 pixels"]);
    let flat =
        [(tags::RESCALE_SLOPE, VR::DS, text("0")), (tags::RESCALE_INTERCEPT, VR::DS, text("0"))];
    no(&f, "z.dcm", dicom(&stored, &flat), &["rescale slope"]);
    let deep = [(tags::BITS_ALLOCATED, VR::US, bits(32))];
    no(&f, "d.dcm", dicom(&stored, &deep), &["32"]);
    let mut less = dicom(&stored, &[]);
    let at = less.windows(4).rposition(|tag| tag == [0xe0, 0x7f, 0x10, 0]).expect("pixels");
    no(&f, "e.dcm", less[..at].to_vec(), &["holds no picture"]);
    // A length that is none: no room is made for it.
    less[at + 8..at + 12].fill(0xf0);
    no(&f, "long.dcm", less, &["(7fe0,0010) names 4042322160 bytes, and 260 are left"]);
    let words: Vec<u16> = stored[0].repeat(2).into_iter().map(|v| v as u16).collect();
    let pixels = (tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(words.into()));
    let path = f.file("p.dcm", dicom(&stored, &[pixels]));
    let said = trained(&f, &path, &[]);
    assert!(said.contains("the 260 bytes behind its pixels are left out"), "{said}");
    let whole = dicom(&stored, &[]);
    for length in [140, 200, whole.len() - 1] {
        no(&f, "cut.dcm", whole[..length].to_vec(), &[]);
    }
    no(&f, "no.dcm", b"nothing".to_vec(), &["not a readable image"]);
}

/// A PNG of these unpacked data.
fn raw_png(header: &[u8], data: &[u8], behind: &[u8]) -> Vec<u8> {
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    let chunk = |name: &[u8], content: &[u8]| {
        let length = content.len() as u32;
        let checked = [name, content].concat();
        [&length.to_be_bytes()[..], &checked, &crc.checksum(&checked).to_be_bytes()].concat()
    };
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(data).expect("packed");
    let packed = [&packed.finish().expect("packed"), behind].concat();
    // In pieces, as large pictures have them.
    let (a, b) = packed.split_at(packed.len() / 2);
    let colours = chunk(b"PLTE", &[0; 3 * 2]);
    let chunks = [chunk(b"IHDR", header), colours, chunk(b"IDAT", a), chunk(b"IDAT", b)];
    [&b"\x89PNG\r\n\x1a\n"[..], &chunks.concat(), &chunk(b"IEND", b"")].concat()
}

/// Data of a PNG that are of more than its pixels are refused, whatever its pixels are.
#[test]
fn data_beyond_the_pixels_are_refused() {
    /// The pass of Adam7 that each pixel of 8 x 8 is in.
    const PASSES: [&[u8; 8]; 8] = [
        b"16462646",
        b"77777777",
        b"56565656",
        b"77777777",
        b"36463646",
        b"77777777",
        b"56565656",
        b"77777777",
    ];
    let f = Folder::new();
    let kinds = [(1, 0, 1), (16, 0, 16), (8, 2, 24), (1, 3, 1), (8, 4, 16), (16, 6, 64)];
    for ((width, height), (depth, color, bits)) in
        [(1, 1), (3, 9), (10, 2), (17, 13)].into_iter().flat_map(|s| kinds.map(|k| (s, k)))
    {
        for interlaced in [0, 1] {
            let pass = |x: usize, y: usize| match interlaced {
                0 => b'1',
                _ => PASSES[y % 8][x % 8],
            };
            let line = |y: usize, p: u8| (0..width).filter(|&x| pass(x, y) == p).count();
            let lines = (b'1'..=b'7').flat_map(|p| (0..height).map(move |y| (y, p)));
            let lengths = lines.map(|(y, p)| line(y, p)).filter(|&pixels| pixels > 0);
            let length: usize = lengths.map(|pixels| 1 + (pixels * bits).div_ceil(8)).sum();
            let size = [(width as u32).to_be_bytes(), (height as u32).to_be_bytes()].concat();
            let header = [&size[..], &[depth, color, 0, 0, interlaced]].concat();
            let png = |more: usize, behind| raw_png(&header, &vec![0; length + more], behind);
            let samples = one(&f, "a.png", png(0, b""));
            assert_eq!(samples.layout.dimension(), 16);
            let cut = Cut { block: 4, grey: false };
            for bytes in [png(1, b""), png(100_000, b""), png(0, b"x")] {
                let path = f.file("b.png", bytes);
                let all = Default::default();
                let said = input::load(&[path], cut, false, &all, Scaling::ByColumn);
                let said = said.expect_err("refused").to_string();
                assert!(said.contains("more data than its pixels need"), "{said}");
            }
        }
    }
    let frames = [grey(0), grey(1)];
    let mut bytes = apng(&frames, png::ColorType::Grayscale);
    // The second frame says that it is lower than it is.
    let at = bytes.windows(4).rposition(|name| name == b"fcTL").expect("a frame") + 4;
    bytes[at + 8..at + 12].copy_from_slice(&1_u32.to_be_bytes());
    no(&f, "c.apng", bytes, &["more data than its pixels need"]);
}

/// TIFF and JPEG are turned as they say that they are to be seen.
#[test]
fn orientations_are_followed() {
    let f = Folder::new();
    let image = RgbImage::from_raw(WIDTH as u32, HEIGHT as u32, colours(0)).expect("pixels");
    for (turn, deep) in (1..=8_u8).flat_map(|turn| [(turn, false), (turn, true)]) {
        let orientation = image::metadata::Orientation::from_exif(turn).expect("one");
        let mut seen = DynamicImage::from(image.clone());
        seen.apply_orientation(orientation);
        let mut bytes = Cursor::new(Vec::new());
        let mut tiff = TiffEncoder::new(&mut bytes).expect("a TIFF");
        let size = (WIDTH as u32, HEIGHT as u32);
        let tag = tiff::tags::Tag::Orientation;
        if deep {
            let mut page = tiff.new_image::<Gray16>(size.0, size.1).expect("a page");
            page.encoder().write_tag(tag, u16::from(turn)).expect("a tag");
            let pixels: Vec<u16> = grey(0).into_iter().map(|v| u16::from(v) * 257).collect();
            page.write_data(&pixels).expect("written");
            seen = grey_image(0);
            seen.apply_orientation(orientation);
        } else {
            let mut page = tiff.new_image::<RGB8>(size.0, size.1).expect("a page");
            page.encoder().write_tag(tag, u16::from(turn)).expect("a tag");
            page.write_data(&colours(0)).expect("written");
        }
        let turned = one(&f, "a.tif", bytes.into_inner());
        let right = one(&f, "a.png", encoded(&seen, ImageFormat::Png));
        assert_eq!(turned.layout, right.layout, "{turn}");
        assert_eq!(turned.vectors, right.vectors, "{turn}, deep: {deep}");
        let said = trained(&f, &f.path("a.tif"), &[]);
        assert_eq!(said.contains("turned as its orientation says"), turn > 1, "{said}");
    }
    // EXIF: a directory of one entry.
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0".to_vec();
    exif.extend([0; 4]);
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, 100);
    encoder.set_exif_metadata(exif).expect("set");
    encoder.encode_image(&grey_image(0)).expect("a JPEG");
    let turned = one(&f, "a.jpg", jpeg);
    let mut seen = grey_image(0);
    seen.apply_orientation(image::metadata::Orientation::Rotate90);
    let right = one(&f, "a.png", encoded(&seen, ImageFormat::Png));
    assert_eq!(turned.layout, right.layout);
    let far = turned.vectors.iter().zip(&right.vectors).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(far < Some(16), "{far:?}");
}

/// What is cut, has something behind it, or claims more than there is room for.
#[test]
fn bad_pictures_are_refused() {
    let f = Folder::new();
    let mut jpeg = Vec::new();
    JpegEncoder::new(&mut jpeg).encode_image(&grey_image(0)).expect("a JPEG");
    let mut bmp = Vec::new();
    BmpEncoder::new(&mut bmp)
        .encode(&grey(0), WIDTH as u32, HEIGHT as u32, ExtendedColorType::L8)
        .expect("a BMP");
    let png = encoded(&grey_image(0), ImageFormat::Png);
    let whole = [
        ("a.jpg", jpeg.clone()),
        ("a.bmp", bmp.clone()),
        ("a.png", png.clone()),
        ("a.gif", gif(&[grey_image(0), grey_image(1)])),
        ("a.apng", apng(&[grey(0), grey(1)], png::ColorType::Grayscale)),
        ("a.tif", pages::<Gray8>(&[grey(0), grey(1)])),
    ];
    for (name, bytes) in &whole {
        for length in [5, bytes.len() / 2, bytes.len() - 1] {
            no(&f, name, bytes[..length].to_vec(), &[]);
        }
    }
    for (name, bytes) in [&whole[2], &whole[3], &whole[4]] {
        no(&f, name, [bytes, &bytes[..]].concat(), &["behind its picture"]);
    }
    for (name, bytes) in [&whole[0], &whole[1]] {
        let path = f.file(name, [&bytes[..], b"more"].concat());
        let said = trained(&f, &path, &[]);
        assert!(said.contains("the 4 bytes behind its picture are left out"), "{name}: {said}");
    }
    no(&f, "crlf.pgm", b"P5\r\n2 2\r\n255\r\nabcd".to_vec(), &["CR and LF"]);
    no(&f, "short.pgm", b"P5\n2 2\n255\nabc".to_vec(), &["shorter than its header says"]);
    // Sizes that no picture has.
    let mut large = bmp.clone();
    large[18..26].copy_from_slice(&[0x60, 0xea, 0, 0, 0x60, 0xea, 0, 0]);
    no(&f, "l.bmp", large, &["60000x60000", "268435456 pixels"]);
    let at = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a header");
    let mut large = jpeg.clone();
    large[at + 5..at + 9].fill(0xff);
    no(&f, "l.jpg", large, &["65535x65535", "268435456 pixels"]);
    let mut large = gif(&[grey_image(0)]);
    large[6..10].fill(0xff);
    no(&f, "l.gif", large, &["65535x65535", "268435456 pixels"]);
    no(&f, "l.pgm", b"P5 70000 70000 255\n".to_vec(), &["70000x70000", "268435456 pixels"]);
    // Many frames are as many pixels.
    let path = f.file("one.png", encoded(&DynamicImage::new_luma8(16000, 16000), ImageFormat::Png));
    let name = path.to_str().expect("text");
    let line = ["train", name, name, "--out", &f.at("none.json"), "--port", "golden"];
    refused(&line, &["one.png", "16000x16000", "268435456 pixels"]);
    // What is not read.
    let other = pages::<Gray8>(&[grey(0)]);
    let mut bytes = Cursor::new(Vec::new());
    let mut tiff = TiffEncoder::new(&mut bytes).expect("a TIFF");
    tiff.write_image::<Gray8>(WIDTH as u32, HEIGHT as u32, &grey(0)).expect("a page");
    tiff.write_image::<Gray8>(WIDTH as u32, 1, &grey(0)[..WIDTH]).expect("a page");
    no(&f, "two.tif", bytes.into_inner(), &["page 2 has 13x1", "13x10"]);
    let float = pages::<Gray32Float>(&[vec![f32::NAN; AREA]]);
    no(&f, "nan.tif", float, &["not a finite number"]);
    no(&f, "webp.png", b"RIFF\x10\0\0\0WEBPVP8 \0\0\0\0".to_vec(), &["WebP", "PNG"]);
    let names = ["x.tif", "y.png"].map(|name| f.path(name));
    std::fs::write(&names[0], other).expect("written");
    std::fs::write(&names[1], encoded(&grey_image(0).crop_imm(0, 0, 5, 5), ImageFormat::Png))
        .expect("written");
    let names = names.map(|path| path.to_str().expect("text").to_string());
    let line = ["train", &names[0], &names[1], "--out", &f.at("none.json"), "--port", "golden"];
    refused(&line, &["y.png", "5x5", "13x10", "one size"]);
}
