import Foundation
import LeRobot
import Testing

private func hashes(_ path: String) throws -> [String] {
  let decoder = try VideoDecoder(path: path)
  var found: [String] = []
  while case let frame = try decoder.read(1), !frame.isEmpty { found.append(sha256(frame)) }
  return found
}

@Suite struct VideoCopyTests {
  static let episodes = (0..<8).map {
    pusht.appending(path: "videos/chunk-000/observation.image/episode_00000\($0).mp4").path
  }

  @Test func episodesBecomeOneFileAndEpisodesAgain() throws {
    try withFolder { folder in
      let whole = "\(folder)/file-000.mp4"
      let parts = try VideoCopy.concatenate(Self.episodes, to: whole, fps: 10)
      let frames = try Self.episodes.map(hashes)
      #expect(parts.map(\.frameCount) == frames.map(\.count))
      #expect(parts[0].start == 0 && parts[1].start == 3.6 && parts[1].firstFrame == 36)
      #expect(parts[7].end == Double(frames.joined().count) / 10)
      #expect(try hashes(whole) == Array(frames.joined()))
      let info = try VideoInfo(path: whole)
      #expect(info.frameCount == frames.joined().count && info.fps == 10 && info.codec == "av1")

      let cut = parts.indices.map { "\(folder)/episode_\($0).mp4" }
      try VideoCopy.split(
        whole,
        into: zip(parts, cut).map {
          (frames: $0.firstFrame..<$0.firstFrame + $0.frameCount, path: $1)
        })
      for (path, original) in zip(cut, Self.episodes) {
        #expect(try hashes(path) == hashes(original))
        #expect(try packets(path) == packets(original))
        #expect(try VideoInfo(path: path) == VideoInfo(path: original))
      }
      #expect(files(in: folder).allSatisfy { !$0.hasSuffix(".partial") })
    }
  }

  func packets(_ path: String) throws -> [[UInt8]] { try VideoPackets(path: path).bytes() }

  @Test(arguments: [
    ["h264_g10.mp4", "h264_g10.mp4", "h264_offset.mkv"], ["h264_open.mp4", "h264_open.mkv"],
    ["hevc_open.mp4", "hevc_open.mp4"], ["h264_g250.mp4", "h264_g250.mp4"],
    ["h264_plain.mp4", "h264_again.mp4", "h264_plain.mp4"], ["av1_g2.mp4", "av1_g2.mp4"],
    ["h264_variable.mp4", "h264_variable.mp4"], ["h264_fragments.mp4", "h264_g10.mp4"],
  ])
  func joinedFramesAreTheSame(names: [String]) throws {
    try withFolder { folder in
      let path = "\(folder)/a.mp4"
      let golden = names.flatMap { Videos.frames[$0]! }
      let parts = try VideoCopy.concatenate(names.map(Videos.path), to: path, fps: 29.97)
      #expect(parts.map(\.frameCount) == names.map { Videos.frames[$0]!.count })
      #expect(try hashes(path) == golden)
      #expect(try packets(path) == names.flatMap { try packets(Videos.path($0)) })
      #expect(try VideoInfo(path: path).fps == 29.97)
      let decoder = try VideoDecoder(path: path)
      for frame in [golden.count - 1, 0, golden.count / 2, 3] {
        #expect(sha256(try decoder.read(frames: [frame])) == golden[frame])
      }
    }
  }

  @Test func partsAreCutAtKeyFrames() throws {
    try withFolder { folder in
      let source = Videos.path("h264_g10.mp4")
      let golden = try #require(Videos.frames["h264_g10.mp4"])
      let video = try VideoPackets(path: source)
      #expect((0..<30).filter(video.isKeyFrame) == [0, 10, 20])
      _ = try VideoCopy.write(
        [.init(video, frames: 20..<30), .init(video, frames: 0..<10)], to: "\(folder)/a.mp4")
      #expect(try hashes("\(folder)/a.mp4") == Array(golden[20...] + golden[..<10]))

      let text = message {
        try VideoCopy.split(
          source, into: [(0..<10, "\(folder)/b.mp4"), (15..<30, "\(folder)/c.mp4")])
      }
      #expect(
        text
          == "\(source): cannot be copied as it is: frame 15 is no key frame, the last one before is 10"
      )
      #expect(files(in: folder) == ["a.mp4"])
      #expect(video.obstacle(to: 10..<20) == nil)
      // Some B-frame is stored after the frame that follows it.
      #expect((11..<20).contains { video.obstacle(to: 10..<$0) != nil })
      #expect(video.obstacle(to: 10..<31) == "it has 30 frames")
      let open = try VideoPackets(path: Videos.path("h264_open.mp4"))
      let key = try #require((1..<40).first(where: open.isKeyFrame))
      #expect(
        open.obstacle(to: 0..<key)
          == "frames there are stored among those of the part before or after")
    }
  }

  @Test func othersAreRefused() throws {
    withFolder { folder in
      func reason(_ a: String, _ b: String) -> String {
        message {
          _ = try VideoCopy.concatenate([Videos.path(a), Videos.path(b)], to: "\(folder)/a.mp4")
        }
      }
      #expect(
        reason("h264_plain.mp4", "av1_g2.mp4")
          == "\(Videos.path("av1_g2.mp4")): cannot be copied as it is: it is av1, \(Videos.path("h264_plain.mp4")) is h264"
      )
      #expect(
        reason("h264_plain.mp4", "h264_g10.mp4").hasSuffix(
          "it is encoded with other settings than \(Videos.path("h264_plain.mp4"))"))
      #expect(
        reason(
          "h264_plain.mp4",
          "../ioai_h264/videos/chunk-000/observation.images.cam/episode_000000.mp4"
        )
        .contains("it is 64×64, "))
      for name in ["mpeg4_b.avi", "h264_edited.mp4", "h264_stream.ts", "h264_same_time.mp4"] {
        #expect(reason("h264_plain.mp4", name).contains("\(name): cannot be copied as it is: "))
      }
      #expect(files(in: folder) == [])
    }
  }
}
