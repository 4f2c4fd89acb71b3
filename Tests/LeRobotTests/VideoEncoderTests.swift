import Foundation
import LeRobot
import Testing

/// Frames that differ from one another: a square that wanders over a gradient.
func pictures(_ count: Int, width: Int, height: Int) -> [[UInt8]] {
  (0..<count).map { n in
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    for y in 0..<height {
      for x in 0..<width {
        let isInside = (x + 3 * n) % width < 16 && (y + n) % height < 16
        let i = (y * width + x) * 3
        pixels[i] = isInside ? 230 : UInt8(x * 255 / width)
        pixels[i + 1] = isInside ? UInt8(20 + n % 100) : UInt8(y * 255 / height)
        pixels[i + 2] = UInt8(n * 8 % 256)
      }
    }
    return pixels
  }
}

/// A folder of its own, removed afterwards.
func withFolder<R>(_ body: (String) throws -> R) rethrows -> R {
  let folder = FileManager.default.temporaryDirectory.appending(path: "video-\(UUID().uuidString)")
  try! FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

func files(in folder: String) -> [String] {
  ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
}

func meanDifference(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Double {
  zip(a, b).reduce(0.0) { $0 + abs(Double($1.0) - Double($1.1)) } / Double(a.count)
}

@Suite struct VideoEncoderTests {
  @Test(arguments: VideoCodec.allCases)
  func framesComeBack(codec: VideoCodec) throws {
    try withFolder { folder in
      let path = "\(folder)/a.mp4"
      let frames = pictures(9, width: 96, height: 64)
      let encoder = try VideoEncoder(
        path: path, width: 96, height: 64, fps: 30,
        encoding: VideoEncoding(codec: codec, threads: 1))
      for frame in frames { try encoder.append(frame) }
      #expect(!FileManager.default.fileExists(atPath: path))
      let info = try encoder.finish()
      #expect(
        info
          == VideoInfo(
            codec: codec.rawValue, width: 96, height: 64, pixelFormat: "yuv420p", fps: 30,
            frameCount: 9, hasAudio: false))
      #expect(try VideoInfo(path: path) == info)
      #expect(encoder.remarks == [])
      #expect(files(in: folder) == ["a.mp4"])
      let decoder = try VideoDecoder(path: path)
      for frame in frames {
        let decoded = try decoder.read(1)
        #expect(meanDifference(decoded, frame) < 6)
      }
      #expect(try decoder.read(1).isEmpty)
    }
  }

  /// SVT-AV1 refuses frames under 64 pixels: another encoder takes them.
  @Test func smallFramesAreEncoded() throws {
    try withFolder { folder in
      let frames = pictures(3, width: 32, height: 18)
      let encoder = try VideoEncoder(
        path: "\(folder)/a.mp4", width: 32, height: 18, fps: 10,
        encoding: VideoEncoding(threads: 1))
      for frame in frames { try encoder.append(frame) }
      #expect(try encoder.finish().codec == "av1")
      let decoder = try VideoDecoder(path: "\(folder)/a.mp4")
      for frame in frames {
        let decoded = try decoder.read(1)
        #expect(meanDifference(decoded, frame) < 20)
      }
    }
  }

  @Test(arguments: [29.97, 20.0, 10, 30, 59.94, 0.5, 30000.0 / 1001, 12.345])
  func frameRatesAreExact(fps: Double) throws {
    try withFolder { folder in
      let encoder = try VideoEncoder(
        path: "\(folder)/a.mp4", width: 64, height: 64, fps: fps,
        encoding: VideoEncoding(codec: .h264, threads: 1))
      for frame in pictures(4, width: 64, height: 64) { try encoder.append(frame) }
      #expect(try encoder.finish().fps == fps)
      #expect(try VideoInfo(path: "\(folder)/a.mp4").fps == fps)
    }
  }

  @Test func theIndexIsInFront() throws {
    try withFolder { folder in
      let encoder = try VideoEncoder(
        path: "\(folder)/a.mp4", width: 64, height: 64, fps: 10,
        encoding: VideoEncoding(codec: .h264, threads: 1))
      for frame in pictures(3, width: 64, height: 64) { try encoder.append(frame) }
      _ = try encoder.finish()
      let bytes = try Data(contentsOf: URL(filePath: "\(folder)/a.mp4"))
      let index = try #require(bytes.range(of: Data("moov".utf8)))
      let media = try #require(bytes.range(of: Data("mdat".utf8)))
      #expect(index.lowerBound < media.lowerBound)
    }
  }

  @Test func whatCannotBeEncodedIsSaid() throws {
    withFolder { folder in
      func text(_ path: String, _ width: Int, _ height: Int, _ fps: Double) -> String {
        message {
          let encoder = try VideoEncoder(path: path, width: width, height: height, fps: fps)
          _ = try encoder.finish()
        }
      }
      let path = "\(folder)/a.mp4"
      #expect(
        text(path, 65, 64, 30)
          == "\(path): frames of 65×64 cannot be encoded: yuv420p wants even sizes, crop or pad them"
      )
      #expect(text(path, 0, 64, 30) == "\(path): frames of 0×64 cannot be encoded")
      #expect(
        text(path, 64, 64, .nan) == "\(path): fps is nan, a number from 0.001 to 1000 is wanted")
      #expect(text(path, 64, 64, 30) == "\(path): a video without frames cannot be written")
      #expect(
        text("\(folder)/no/a.mp4", 64, 64, 30)
          == "\(folder)/no/a.mp4: cannot be written: no such file or directory")
      #expect(files(in: folder) == [])
    }
  }

  @Test func droppedEncodersLeaveNothing() throws {
    try withFolder { folder in
      do {
        let encoder = try VideoEncoder(
          path: "\(folder)/a.mp4", width: 64, height: 64, fps: 10,
          encoding: VideoEncoding(codec: .h264, threads: 1))
        for frame in pictures(3, width: 64, height: 64) { try encoder.append(frame) }
        #expect(
          files(in: folder).map { $0.replacing(/[0-9a-f]{16}/, with: "#") } == [".a.mp4.#.partial"])
      }
      #expect(files(in: folder) == [])
    }
  }

  /// Opt-in: RECAP_SMALL_FOLDER names a folder on a disk with less than a megabyte free.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["RECAP_SMALL_FOLDER"] != nil))
  func fullDisksAreSaid() throws {
    let folder = ProcessInfo.processInfo.environment["RECAP_SMALL_FOLDER"]!
    let text = message {
      let encoder = try VideoEncoder(
        path: "\(folder)/a.mp4", width: 256, height: 256, fps: 10,
        encoding: VideoEncoding(codec: .h264, crf: 0))
      var state: UInt64 = 1
      for _ in 0..<30 {
        try encoder.append(
          (0..<256 * 256 * 3).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1
            return UInt8(truncatingIfNeeded: state >> 40)
          })
      }
      _ = try encoder.finish()
    }
    #expect(text == "\(folder)/a.mp4: cannot be written: No space left on device")
    #expect(files(in: folder) == [])
  }

  @Test func inTheBackground() throws {
    try withFolder { folder in
      let frames = pictures(40, width: 64, height: 64)
      let encoding = VideoEncoding(codec: .h264, threads: 1)
      let encoder = try BackgroundVideoEncoder(
        path: "\(folder)/a.mp4", width: 64, height: 64, fps: 10, encoding: encoding,
        queueLimit: 3 * 64 * 64 * 3)
      for frame in frames {
        try encoder.append(frame)
        #expect(encoder.backlog <= 3)
      }
      #expect(try encoder.finish().info.frameCount == 40)
      let decoder = try VideoDecoder(path: "\(folder)/a.mp4")
      for frame in frames {
        let decoded = try decoder.read(1)
        #expect(meanDifference(decoded, frame) < 6)
      }

      let failing = try BackgroundVideoEncoder(
        path: "\(folder)/no/a.mp4", width: 64, height: 64, fps: 10, encoding: encoding)
      let text = message {
        for frame in frames { try failing.append(frame) }
        _ = try failing.finish()
      }
      #expect(text == "\(folder)/no/a.mp4: cannot be written: no such file or directory")

      let cancelled = try BackgroundVideoEncoder(
        path: "\(folder)/b.mp4", width: 64, height: 64, fps: 10, encoding: encoding)
      for frame in frames { try cancelled.append(frame) }
      cancelled.cancel()
      #expect(files(in: folder) == ["a.mp4"])
    }
  }

  @Test(arguments: [(45, 37), (1, 1), (64, 48)], [0, 1, 9])
  func picturesAreWrittenWithoutLoss(size: (Int, Int), compression: Int) throws {
    let pixels = (0..<size.0 * size.1 * 3).map { UInt8($0 * $0 % 251) }
    let image = Image(width: size.0, height: size.1, pixels: pixels)
    let bytes = try image.png(compression: compression)
    #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(try Image.decode(bytes) == image)
  }
}
