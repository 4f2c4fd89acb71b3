internal import ArgumentParser
internal import Foundation
internal import LeRobot
internal import Platform

extension BenchmarkCommand {
  /// What Benchmarks/peer/lerobot_loader.py times of LeRobot.
  struct Dataset: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "dataset", abstract: "Opening a dataset and taking its samples.")

    enum Mode: String, ExpressibleByArgument, CaseIterable { case open, sequential, random }
    enum FrameType: String, ExpressibleByArgument, CaseIterable { case float32, uint8 }

    @Argument var folder: String
    @Option var mode = Mode.sequential
    @Option(help: "Samples to take after the first `skip`; the dataset begins again at its end.")
    var samples = 500
    @Option var skip = 10
    @Option var threads = ProcessInfo.processInfo.activeProcessorCount
    @Option(help: "Actions of a random sample's window.")
    var window = 16
    @Option var batchSize = 16
    @Option(help: "float32: [C, H, W] from 0 to 1, as LeRobot's default; uint8: [H, W, C].")
    var frameType = FrameType.float32

    func validate() throws {
      try check("samples", samples, from: 1, upTo: 1 << 40)
      try check("skip", skip, from: 0, upTo: 1 << 40)
      try check("threads", threads, from: 1, upTo: 1024)
      try check("window", window, from: 1, upTo: 10_000)
      try check("batch-size", batchSize, from: 1, upTo: 65_536)
    }

    func run() throws {
      let before = megabytes("VmRSS")
      let start = ContinuousClock.now
      let dataset = try LeRobot.Dataset(folder: folder)
      var seconds = (ContinuousClock.now - start) / .seconds(1)
      var check = 0.0
      if mode == .sequential { (seconds, check) = try sequential(dataset) }
      if mode == .random { (seconds, check) = try random(dataset) }
      try printOutput(
        """
        {"mode": "\(mode.rawValue)", "seconds": \(seconds), "samples": \(mode == .open ? 0 : samples), \
        "frames": \(dataset.frameCount), "episodes": \(dataset.episodes.count), "check": \(check), \
        "cameras": \(dataset.cameras.count), "resident_before_megabytes": \(before), \
        "peak_megabytes": \(megabytes("VmHWM")), "threads": \(threads), \
        "frame_type": "\(frameType.rawValue)"}
        """)
    }

    /// Every camera's frame and the row's columns, sample after sample; the sum of the actions
    /// shows that they were the same as the peer's.
    private func sequential(_ dataset: LeRobot.Dataset) throws -> (seconds: Double, check: Double) {
      var start = ContinuousClock.now
      var check = 0.0
      var done = 0, untimed = 0
      var converter = FloatFrames()
      while untimed == 0 || done - untimed < samples {
        let sources = dataset.episodes.flatMap { episode in
          dataset.cameras.map { FrameSource(episode: episode, camera: $0) }
        }
        let stream = FrameStream(dataset, sources: sources, threads: threads)
        for episode in dataset.episodes where untimed == 0 || done - untimed < samples {
          let rows = try dataset.read(episode)
          var seen = 0
          let wanted = episode.length * dataset.cameras.count
          while seen < wanted, let block = try stream.next() {
            if frameType == .float32 {
              converter.convert(block.pixels, width: block.width, height: block.height)
            }
            seen += block.frameCount
            if block.source.camera == dataset.cameras.last {
              done += block.frameCount
              if untimed == 0, done >= skip { (start, untimed) = (.now, done) }
              if done - untimed >= samples, untimed > 0 { break }
            }
          }
          if dataset.cameras.isEmpty {
            done += episode.length
            if untimed == 0, done >= skip { (start, untimed) = (.now, done) }
          }
          check += rows.actions.reduce(0) { $0 + Double($1) }
        }
        stream.cancel()
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      return (seconds * Double(samples) / Double(done - untimed), check)
    }

    /// Frames drawn at random, each with a window of actions.
    private func random(_ dataset: LeRobot.Dataset) throws -> (seconds: Double, check: Double) {
      var windows: NameDictionary = ["action": (0..<window).map { Double($0) / dataset.info.fps }]
      for camera in dataset.cameras { windows[camera] = [0] }
      let loader = try WindowLoader(
        dataset, windows: windows, batchSize: batchSize, epochs: nil, workers: threads)
      var start = ContinuousClock.now
      var done = 0, timed = 0
      var check = 0.0
      var converter = FloatFrames()
      while timed < samples, let batch = try loader.next() {
        for pictures in batch.pictures.values where frameType == .float32 {
          converter.convert(pictures.pixels, width: pictures.width, height: pictures.height)
        }
        check += batch.values["action"]!.numbers.reduce(0) { $0 + Double($1) }
        done += batch.indices.count
        // What was read ahead before the clock started would be for nothing: it starts late.
        if timed > 0 || done > skip { timed += batch.indices.count } else { start = .now }
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      return (seconds * Double(samples) / Double(timed), check)
    }
  }
}

/// Frames as LeRobot's loader gives them by default: [C, H, W] from 0 to 1.
private struct FloatFrames {
  private var frame: [Float] = []

  mutating func convert(_ bytes: [UInt8], width: Int, height: Int) {
    let pixels = width * height
    if frame.count != 3 * pixels { frame = Array(repeating: 0, count: 3 * pixels) }
    bytes.withUnsafeBufferPointer { bytes in
      frame.withUnsafeMutableBufferPointer { floats in
        for start in stride(from: 0, to: bytes.count, by: 3 * pixels) {
          let from = bytes.baseAddress! + start
          let red = floats.baseAddress!, green = red + pixels, blue = green + pixels
          for i in 0..<pixels {
            red[i] = Float(from[3 * i]) / 255
            green[i] = Float(from[3 * i + 1]) / 255
            blue[i] = Float(from[3 * i + 2]) / 255
          }
        }
      }
    }
  }
}

/// A line of /proc/self/status in megabytes: VmRSS at present, VmHWM at its peak.
private func megabytes(_ name: String) -> Double {
  let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") } ?? ""
  return (Double(line.filter(\.isNumber)) ?? 0) / 1024
}
