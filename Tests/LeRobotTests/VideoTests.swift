import Foundation
import LeRobot
import Testing

@Suite struct VideoTests {
  static let files = [
    "hevc.mp4", "mpeg4.mp4", "mpeg4.avi", "h264_narrow.mp4", "h264_bt709_full.mp4", "h264_444.mp4",
    "av1_narrow.mp4",
  ]

  @Test(arguments: files, [1, 3])
  func framesAreThoseOfFFmpegAndPyAV(name: String, threads: Int) throws {
    let golden = try #require(Golden.all.videos[name])
    let decoder = try VideoDecoder(
      path: fixtures.appending(path: name).path, threads: threads)
    #expect(decoder.width == golden.width)
    #expect(decoder.height == golden.height)
    #expect(decoder.codec == golden.codec)
    if let count = decoder.frameCount { #expect(count == golden.sha256.count) }
    var found: [String] = []
    while case let frame = try decoder.read(1), !frame.isEmpty { found.append(sha256(frame)) }
    #expect(found == golden.sha256)
  }

  @Test func manyFramesAtOnce() throws {
    let decoder = try VideoDecoder(path: fixtures.appending(path: "hevc.mp4").path)
    let frames = try decoder.read(100)
    #expect(frames.count == 10 * decoder.frameBytes)
    #expect(sha256(frames.suffix(decoder.frameBytes)) == Golden.all.videos["hevc.mp4"]?.sha256[9])
    #expect(try decoder.read(1).isEmpty)
  }

  @Test(arguments: ["rgb.png", "gray.png", "palette.png", "rgba.png", "bilevel.png"])
  func picturesAreThoseOfPillow(name: String) throws {
    let image = try Image.read(fixtures.appending(path: name).path)
    #expect(image.width == 45 && image.height == 37)
    #expect(sha256(image.pixels) == Golden.all.pictures[name])
  }

  @Test func damagedPicturesAreErrors() throws {
    let path = fixtures.appending(path: "rgb.png").path
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    #expect(
      message { _ = try Image.decode(Array(bytes.prefix(bytes.count / 2)), name: "half.png") }
        .hasPrefix("half.png: is damaged, cut short, or has more than "))
    #expect(
      message { _ = try Image.decode(Array("not a picture".utf8), name: "x") }
        == "x: is not a picture: PNG, JPEG, WebP, BMP or TIFF is wanted")
    #expect(message { _ = try Image.read(path + ".missing") }.contains("rgb.png.missing: "))
  }

  @Test func decodersAreListed() {
    let found = FFmpeg.decoders(for: ["h264", "mpeg4", "no-such-codec"])
    #expect(found["h264"]?.isEmpty == false)
    #expect(found["mpeg4"]?.isEmpty == false)
    #expect(found["no-such-codec"] == [])
    #expect(!FFmpeg.version.isEmpty)
  }

  @Test func sha256OfTheEmptyTextAndOfAbc() {
    #expect(
      sha256([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      sha256("abc".utf8) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
