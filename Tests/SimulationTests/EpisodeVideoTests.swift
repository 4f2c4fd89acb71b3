import Foundation
import LeRobot
import PolicyInterface
import Simulation
import Testing

@Suite struct EpisodeVideoTests {
  private let cameras: [TaskSpecification.Camera] = [
    .init(key: "observation.images.top", name: "top", width: 16, height: 12),
    .init(key: "observation.images.front", name: "front", width: 12, height: 12),
  ]

  /// Six steps of which the fourth and fifth are interventions; the pictures are grey.
  private func episode(_ ending: SimulatedEpisode.Ending = .success) throws -> SimulatedEpisode {
    let carry = SimulatedTask.all.first { $0.name == "carry" }!
    var made: SimulatedEpisode?
    try Rollout(task: carry, actor: .demonstrators(carry.demonstrators)).run(seeds: [1]) {
      episode, _ in made = episode
    }
    var episode = made!
    episode.steps = Array(episode.steps.prefix(6))
    episode.ending = ending
    episode.instruction = "Bring the ball home."
    for number in episode.steps.indices {
      episode.steps[number].isIntervention = (3...4).contains(number)
      for camera in cameras {
        episode.steps[number].images[camera.key] = Image(
          width: camera.width, height: camera.height,
          rgb: Array(
            repeating: UInt8(40 * number), count: camera.width * camera.height * 3))
      }
    }
    return episode
  }

  private let traces = EpisodeTraces(
    values: [-1, -0.8, -0.9, -0.5, .nan, 0], advantages: [0.1, -0.2, 0.3, 0, .nan, 0.4],
    indicators: [true, false, true, false, true, true])

  @Test(arguments: [nil, .h264, .av1] as [VideoCodec?])
  func aVideoHoldsEveryStepAndASecondOfTheEnding(codec: VideoCodec?) throws {
    try withFolder { folder in
      let path = "\(folder)/new/episode.mp4"
      let info = try EpisodeVideo.write(
        episode(), cameras: cameras, fps: 5, traces: traces, title: "Before", to: path,
        codec: codec)
      let video = try VideoDecoder(path: path)
      // 12 + 512 + 8 + 384 + 12 wide; 12 + 26 + 384 + 12 + 26 high, then the traces' rows.
      #expect(video.width == 928 && video.height == 460 + 88 + 56 + 16 + 16 + 3 * 10 + 12)
      #expect(video.frameCount == 11 && video.fps == 5)
      #expect(info.width == 928 && info.frameCount == 11)
      #expect(codec == nil || info.codec == codec?.rawValue)
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/new").count == 1)

      // The middle of a picture is as grey as the step, the last one stays.
      let bytes = try video.read(11)
      for frame in 0..<11 {
        let place = (frame * video.height * 928 + 150 * 928 + 200) * 3
        #expect(abs(Int(bytes[place]) - 40 * min(frame, 5)) <= 6, "frame \(frame)")
      }
    }
  }

  @Test func framesShowTheTracesUpToNowAndTheEndingLast() throws {
    let frames = try EpisodeFrames(
      episode(.failure), cameras: cameras, fps: 5, traces: traces, title: nil)
    #expect(frames.width == 928 && frames.height == 652 && frames.count == 11)
    // Drawings go from 184 to 916, 122 a step; below the pictures and the instruction the value
    // has the rows from 434, the advantage from 532, the indicator from 598, interventions from 624.
    let (first, fourth) = (frames[0], frames[3])
    #expect(first[200, 606] == Color(0, 172, 126) && fourth[200, 606] == first[200, 606])
    #expect(fourth[310, 606] == Color(96, 103, 114) && first[310, 606] != fourth[310, 606])
    #expect(fourth[560, 632] == Color(230, 159, 0) && fourth[700, 632] != fourth[560, 632])
    #expect(fourth[500, 632] == Color(34, 38, 45), "no intervention yet")
    #expect(frames[5][700, 632] == Color(230, 159, 0))
    // The third advantage, 0.3 of 0.4, reaches 20 pixels up from the middle at 560.
    #expect(fourth[430, 540] == Color(221, 143, 191) && fourth[430, 539] == Color(34, 38, 45))
    // The second one, -0.2, goes down 13.
    #expect(fourth[320, 573] == Color(221, 143, 191) && fourth[320, 574] == Color(34, 38, 45))
    // The first value, -1, is at 519; the last one, 0, at 437 and faint until then.
    #expect(fourth[246, 518] == Color(86, 180, 233) && first[246, 518] != fourth[246, 518])
    #expect(fourth[854, 436] == Color(52, 88, 111))
    // The cursor is in the middle of the step.
    #expect(first[244, 500] == Color(236, 238, 241) && fourth[610, 500] == Color(236, 238, 241))
    // The ending covers the lower part of the pictures in the frames after the last step only.
    #expect(frames[5][20, 380] == Color(200, 200, 200))
    #expect(frames[6][20, 380] == Color(211, 107, 24) && frames[10][20, 380] == frames[6][20, 380])
  }

  @Test func withoutTracesThereAreThePicturesAndTheInstruction() throws {
    var episode = try episode()
    #expect(
      try EpisodeFrames(episode, cameras: cameras, fps: 5, traces: nil, title: nil).height
        == 434 + 16 + 12, "interventions are drawn")
    for number in episode.steps.indices { episode.steps[number].isIntervention = false }
    let frames = try EpisodeFrames(
      episode, cameras: [cameras[1]], fps: 5, traces: nil, title: nil)
    #expect(frames.width == 512 && frames.height == 446)
    #expect(frames[0].rgb.count == 512 * 446 * 3)
  }

  @Test func whatCannotBeShownIsSaidAndNothingIsWritten() throws {
    try withFolder { folder in
      let path = "\(folder)/episode.mp4"
      var lacking = try episode()
      lacking.steps[2].images["observation.images.front"] = nil
      #expect(
        message { try EpisodeVideo.write(lacking, cameras: cameras, fps: 5, to: path) }
          .contains("step 2 of episode 0 has no picture 'observation.images.front'"))
      lacking.steps = []
      #expect(
        message { try EpisodeVideo.write(lacking, cameras: cameras, fps: 5, to: path) }
          == "episode 0 has no steps to show")
      #expect(!FileManager.default.fileExists(atPath: path))
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      #expect(
        message { try EpisodeVideo.write(episode(), cameras: cameras, fps: 5, to: path) }
          .contains(path))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["episode.mp4"])
    }
  }
}
