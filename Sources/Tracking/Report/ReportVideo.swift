import Foundation

extension Report {
  /// A film in the page, with what was thought in each of its frames below it.
  public struct Video: Sendable {
    /// The bytes of an MP4 file (H.264 or AV1), which become part of the page.
    public var mp4: [UInt8]
    public var caption: String
    public var traces: Traces?

    public init(mp4: [UInt8], caption: String, traces: Traces? = nil) {
      self.mp4 = mp4
      self.caption = caption
      self.traces = traces
    }

    /// Reads the film from a file.
    ///
    /// - Throws: ``TrackingError`` that names the file.
    public init(path: String, caption: String, traces: Traces? = nil) throws {
      do {
        mp4 = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
      } catch {
        throw LogFile.error(path, "cannot be read")
      }
      self.caption = caption
      self.traces = traces
    }
  }

  /// Numbers for each frame of an episode, drawn in step with its film.
  ///
  /// Each is for all frames or empty, and then not drawn; anything else is a programming error. The
  /// film may go on after the last of them.
  public struct Traces: Sendable {
    /// Frames a second of the film.
    public let fps: Double
    /// What the value function says, from -1 to 0.
    public let values: [Float]
    public let advantages: [Float]
    /// Whether the action counts as an improvement.
    public let indicators: [Bool]
    /// Whether a person acted.
    public let interventions: [Bool]
    /// The number of frames.
    public let count: Int

    public init(
      fps: Double, values: [Float] = [], advantages: [Float] = [], indicators: [Bool] = [],
      interventions: [Bool] = []
    ) {
      let counts = [values.count, advantages.count, indicators.count, interventions.count]
      count = counts.max()!
      for other in counts where other != 0 && other != count {
        fatalError("traces of \(other) and of \(count) frames do not belong to one film")
      }
      guard fps.isFinite, fps > 0 else { fatalError("a film of \(fps) frames a second") }
      self.fps = fps
      self.values = values
      self.advantages = advantages
      self.indicators = indicators
      self.interventions = interventions
    }
  }
}

extension Report.Video {
  var html: String {
    "<figure class=\"film\">\n<video controls=\"controls\" muted=\"muted\" "
      + "playsinline=\"playsinline\" preload=\"auto\" "
      + "src=\"data:video/mp4;base64,\(Data(mp4).base64EncodedString())\"></video>\n"
      + (traces?.html ?? "")
      + (caption.isEmpty ? "" : "<figcaption>\(Markup.escaped(caption))</figcaption>\n")
      + "</figure>\n"
  }
}
