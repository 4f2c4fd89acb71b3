import Foundation
import LeRobot
import Testing

/// The videos that make_videos.py made, with the SHA-256 of each frame.
enum Videos {
  static let frames = try! JSONDecoder().decode(
    [String: [String]].self, from: Data(contentsOf: fixtures.appending(path: "videos.json")))
  static let names = frames.keys.sorted()

  static func path(_ name: String) -> String { fixtures.appending(path: "videos/\(name)").path }
}

/// The same numbers from the same seed on every machine.
struct Shuffler: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ (state >> 29)) &* 0x9E37_79B9_7F4A_7C15
  }
}

@Suite struct VideoSeekingTests {
  @Test(arguments: Videos.names, [1, 3])
  func framesInOrder(name: String, threads: Int) throws {
    let golden = try #require(Videos.frames[name])
    let decoder = try VideoDecoder(path: Videos.path(name), threads: threads)
    var found: [String] = []
    while case let frame = try decoder.read(1), !frame.isEmpty { found.append(sha256(frame)) }
    #expect(found == golden)
  }

  @Test(arguments: Videos.names, [1, 3])
  func framesInAnyOrder(name: String, threads: Int) throws {
    let golden = try #require(Videos.frames[name])
    let decoder = try VideoDecoder(path: Videos.path(name), threads: threads)
    var generator = Shuffler(state: 7)
    for _ in 0..<2 {
      for frame in golden.indices.shuffled(using: &generator) {
        try decoder.seek(toFrame: frame)
        #expect(decoder.position == frame)
        #expect(sha256(try decoder.read(1)) == golden[frame], "frame \(frame)")
      }
    }
    #expect(
      message {
        try decoder.seek(toFrame: golden.count); _ = try decoder.read(1)
      }
      .isEmpty
        || message { try decoder.seek(toFrame: golden.count) }.hasSuffix(
          "has no frame \(golden.count), counted from 0")
    )
    #expect(sha256(try decoder.read(frames: [1])) == golden[1])
  }

  /// Where frames' times tell them apart, none but the wanted and what it needs is decoded.
  @Test(arguments: Videos.names)
  func nothingBeginsAnewWithoutNeed(name: String) throws {
    let decoder = try VideoDecoder(path: Videos.path(name))
    let last = try #require(Videos.frames[name]).count - 1
    for frame in [11, 3, 0, 10, 5, 6, 8] { _ = try decoder.read(frames: [min(frame, last)]) }
    let isHard = ["mpeg4_b.avi", "h264_stream.ts", "h264_same_time.mp4"].contains(name)
    #expect(isHard ? decoder.rewinds == 3 && decoder.jumps == 0 : decoder.rewinds == 0)
    if name == "av1_g2.mp4" { #expect(decoder.jumps == 5) }
    if name == "h264_g250.mp4" { #expect(decoder.jumps == 3) }
  }

  /// After a jump, frames go on in order, to the end and no further.
  @Test(arguments: Videos.names)
  func framesGoOnFromAnywhere(name: String) throws {
    let golden = try #require(Videos.frames[name])
    for start in stride(from: golden.count - 1, to: 0, by: -5) {
      let decoder = try VideoDecoder(path: Videos.path(name))
      _ = try decoder.read(start % 3)
      try decoder.seek(toFrame: start)
      var found: [String] = []
      while case let frame = try decoder.read(1), !frame.isEmpty { found.append(sha256(frame)) }
      #expect(found == Array(golden[start...]), "from \(start)")
    }
  }

  @Test func severalFramesAtOnce() throws {
    let golden = try #require(Videos.frames["h264_g10.mp4"])
    let decoder = try VideoDecoder(path: Videos.path("h264_g10.mp4"))
    let numbers = [25, 3, 3, 29, 0, 12, 25]
    let frames = try decoder.read(frames: numbers)
    let size = decoder.frameBytes
    for (place, number) in numbers.enumerated() {
      #expect(sha256(frames[place * size..<(place + 1) * size]) == golden[number])
    }
    #expect(try decoder.read(frames: []).isEmpty)
    #expect(
      message { _ = try decoder.read(frames: [4, 30]) }
        == "\(Videos.path("h264_g10.mp4")): has no frame 30, counted from 0")
  }

  /// The other fixtures, whose frames PyAV decoded.
  @Test(arguments: VideoTests.files)
  func otherFramesInAnyOrder(name: String) throws {
    let golden = try #require(Golden.all.videos[name]).sha256
    let decoder = try VideoDecoder(path: fixtures.appending(path: name).path)
    var generator = Shuffler(state: 3)
    for frame in golden.indices.shuffled(using: &generator) {
      #expect(sha256(try decoder.read(frames: [frame])) == golden[frame], "frame \(frame)")
    }
  }

  @Test func theDecoderUnusedForLongestIsClosed() throws {
    let pool = VideoDecoderPool(capacity: 2)
    let (a, b, c) = (
      Videos.path("av1_g2.mp4"), Videos.path("h264_g10.mp4"), Videos.path("hevc_open.mp4")
    )
    let first = try pool.decoder(of: a)
    let second = try pool.decoder(of: b)
    #expect(try pool.decoder(of: a) === first)
    #expect(try pool.decoder(of: c) !== first)
    #expect(try pool.decoder(of: a) === first)
    #expect(try pool.decoder(of: b) !== second)
  }

  /// A playlist would make FFmpeg open the files it names.
  @Test(arguments: ["ffconcat version 1.0\nfile a.mp4\n", "#EXTM3U\n#EXTINF:1,\na.mp4\n"])
  func playlistsAreNotVideos(text: String) throws {
    try withFolder { folder in
      try FileManager.default.copyItem(
        atPath: Videos.path("av1_g2.mp4"), toPath: "\(folder)/a.mp4")
      try Data(text.utf8).write(to: URL(filePath: "\(folder)/b.mp4"))
      #expect(
        message { _ = try VideoDecoder(path: "\(folder)/b.mp4") }
          .hasPrefix("\(folder)/b.mp4: is not a complete video: "))
    }
  }
}
