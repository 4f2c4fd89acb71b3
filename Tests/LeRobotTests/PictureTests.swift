import Foundation
import LeRobot
import Testing

/// Pictures of every kind, against what Pillow reads of them (`Fixtures/pictures/make_pictures.py`).
@Suite struct PictureTests {
  struct Known: Decodable {
    let width: Int?
    let height: Int?
    let sha256: String?
    let error: String?
  }

  static let folder = fixtures.appending(path: "pictures")
  static let golden = try! JSONDecoder().decode(
    [String: Known].self, from: Data(contentsOf: folder.appending(path: "golden.json")))

  /// What is not read here, and the words that say so.
  static let refused = [
    "big.tif": "is a TIFF of a kind that is not supported (BigTIFF",
    "jpeg.tif": "is a TIFF of a kind that is not supported (compression 7)",
    "CMYK.tif": "is a TIFF of a kind that is not supported (neither gray, RGB nor palette)",
    "zstd.tif": "is a TIFF of a kind that is not supported (compression 50000)",
    "cut.tif": "is a TIFF of a kind that is not supported, or damaged",
    "animated.webp": "is an animated WebP, which is not supported",
    "damaged_ended_early.jpg": "is damaged or cut short: Corrupt JPEG data",
    "cut.jpg": "is damaged or cut short: Premature end of JPEG file",
    "cut_end.jpg": "is damaged or cut short: Premature end of JPEG file",
  ]

  @Test(arguments: golden.keys.sorted())
  func isThatOfPillow(name: String) throws {
    let known = try #require(Self.golden[name])
    let path = Self.folder.appending(path: name).path
    if let words = Self.refused[name] {
      let text = message { _ = try Image.read(path) }
      #expect(text.hasPrefix(path) && text.contains(words) && !text.contains("\n"), "\(text)")
      return
    }
    let image = try Image.read(path)
    #expect(image.width == known.width && image.height == known.height)
    #expect(sha256(image.pixels) == known.sha256)
  }
}
