public import ArgumentParser
public import LeRobot

extension BenchmarkCommand {
  /// Episodes of a moving picture, recorded as fast as they go: for timing, and to be killed.
  struct Record: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "record", abstract: "Recording episodes into a new dataset or one to go on with."
    )

    @Argument var folder: String
    @Option var version = DatasetVersion.v30
    @Option var codec = VideoCodec.av1
    @Option var episodes = 10
    @Option var frames = 30
    @Option var width = 64
    @Option var height = 48

    func validate() throws {
      try check("episodes", episodes, from: 0, upTo: mostEpisodes)
      try check("frames", frames, from: 1, upTo: mostEpisodes)
      for (name, side) in [("width", width), ("height", height)] {
        try check(name, side, from: 1, upTo: 1 << 14)
      }
    }

    func run() throws {
      let encoding = VideoEncoding(codec: codec)
      let isThere = (try? LeRobot.Dataset(folder: folder)) != nil
      let writer =
        isThere
        ? try DatasetWriter(appendingTo: folder, encoding: encoding)
        : try DatasetWriter(
          folder: folder, version: version, fps: 10, robotType: "none",
          features: [
            .vector("observation.state", count: 2), .vector("action", count: 2),
            .video("observation.image", width: width, height: height),
          ], encoding: encoding)
      let start = ContinuousClock.now
      for _ in 0..<episodes {
        for frame in 0..<frames {
          let position = Float(frame) / Float(frames)
          try writer.add([
            "observation.state": .floats([position, Float(writer.episodeCount)]),
            "action": .floats([position, 1]), "observation.image": .pixels(picture(frame)),
          ])
        }
        try writer.endEpisode(task: "Do nothing.", type: .demo, success: true)
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      try writer.finish()
      try printOutput("{\"frames\": \(episodes * frames), \"seconds\": \(seconds)}")
    }

    /// A ramp that moves by a pixel a frame.
    private func picture(_ frame: Int) -> [UInt8] {
      (0..<height).flatMap { y in
        (0..<width).flatMap { x in [UInt8((x + frame) & 255), UInt8(y & 255), 128] }
      }
    }
  }
}

extension VideoCodec: ExpressibleByArgument {}
