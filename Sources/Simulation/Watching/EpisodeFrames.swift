import PolicyInterface

/// The frames of an episode's video: pictures side by side, the instruction and the traces below.
package struct EpisodeFrames {
  package let width: Int
  package let height: Int
  /// Frames: the steps, then the last one again for a second, with the ending.
  package let count: Int
  private let episode: SimulatedEpisode
  private let cameras: [(key: String, name: String, x: Int, width: Int)]
  private let fps: Double
  private let picturesTop: Int
  private let instructionTop: Int
  private let panel: TracePanel
  /// What is the same in all frames.
  private var background: Canvas

  private static let pictureHeight = 384
  private static let margin = 12
  private static let gap = 8
  private static let lineHeight = 20
  private static let clockWidth = 120

  /// - Throws: `SimulationError` where a camera has no pictures, or there are no steps.
  package init(
    _ episode: SimulatedEpisode, cameras: [TaskSpecification.Camera], fps: Double,
    traces: EpisodeTraces?, title: String?
  ) throws {
    guard let first = episode.steps.first else {
      throw SimulationError("episode \(episode.index) has no steps to show")
    }
    guard !cameras.isEmpty else { fatalError("a video wants a camera or more") }
    traces?.check(steps: episode.steps.count)
    let margin = EpisodeFrames.margin
    var places: [(key: String, name: String, x: Int, width: Int)] = []
    var x = margin
    for camera in cameras {
      for (number, step) in episode.steps.enumerated() where step.images[camera.key] == nil {
        throw SimulationError(
          "step \(number) of episode \(episode.index) has no picture '\(camera.key)'; "
            + "roll out with pictures of every frame")
      }
      let picture = first.images[camera.key]!
      let width = max(1, picture.width * EpisodeFrames.pictureHeight / max(1, picture.height))
      let name = camera.key.split(separator: ".").last.map(String.init) ?? camera.key
      places.append((camera.key, name, x, width))
      x += width + EpisodeFrames.gap
    }
    let used = x - EpisodeFrames.gap + margin
    let width = (max(used, 512) + 1) / 2 * 2
    let shift = (width - used) / 2
    self.width = width
    self.cameras = places.map { ($0.key, $0.name, $0.x + shift, $0.width) }
    self.episode = episode
    self.fps = fps
    count = episode.steps.count + max(1, Int(fps.rounded()))

    let titles = title.map { EpisodeFrames.lines(of: $0, width: width - 2 * margin, atMost: 1) }
    picturesTop = margin + (titles == nil ? 0 : 26)
    instructionTop = picturesTop + EpisodeFrames.pictureHeight + margin
    let lines = EpisodeFrames.lines(
      of: episode.instruction, width: width - 2 * margin - EpisodeFrames.clockWidth, atMost: 2)
    panel = TracePanel(
      traces ?? EpisodeTraces(), interventions: episode.steps.map(\.isIntervention),
      steps: episode.steps.count, x: margin, right: width - margin,
      top: instructionTop + max(1, lines.count) * EpisodeFrames.lineHeight + 6)
    height = (panel.bottom + margin + 1) / 2 * 2

    background = Canvas(width: width, height: height, color: Palette.background)
    for title in titles ?? [] {
      background.text(title, x: margin, y: margin, scale: 2, Palette.ink)
    }
    for (number, line) in lines.enumerated() {
      background.text(
        line, x: margin, y: instructionTop + number * EpisodeFrames.lineHeight, scale: 2,
        Palette.ink)
    }
    panel.drawBackground(on: &background)
  }

  /// Draws a frame.
  package subscript(number: Int) -> Canvas {
    let step = min(number, episode.steps.count - 1)
    var canvas = background
    for camera in cameras {
      canvas.draw(
        episode.steps[step].images[camera.key]!, x: camera.x, y: picturesTop, width: camera.width,
        height: EpisodeFrames.pictureHeight)
      let width = Canvas.width(of: camera.name, scale: 2)
      canvas.fill(
        x: camera.x, y: picturesTop, width: width + 12, height: 22, Palette.background,
        opacity: 0.6)
      canvas.text(camera.name, x: camera.x + 6, y: picturesTop + 4, scale: 2, Palette.ink)
    }
    let clock = TracePanel.text(Float(Double(step) / fps), decimals: 1) + " s"
    canvas.text(
      clock, x: width - EpisodeFrames.margin - Canvas.width(of: clock, scale: 2),
      y: instructionTop, scale: 2, Palette.quiet)
    panel.draw(step: step, on: &canvas)
    if number >= episode.steps.count { drawEnding(on: &canvas) }
    return canvas
  }

  private func drawEnding(on canvas: inout Canvas) {
    let (text, color) =
      switch episode.ending {
      case .success: ("SUCCESS", Palette.positive)
      case .failure: ("FAILURE", Palette.failure)
      case .timeLimit: ("TIME LIMIT", Palette.failure)
      case .broken: ("BROKEN", Palette.failure)
      }
    let top = picturesTop + EpisodeFrames.pictureHeight - 64
    canvas.fill(x: 0, y: top, width: width, height: 64, color, opacity: 0.88)
    let textWidth = Canvas.width(of: text, scale: 4)
    var y = top + 18
    if case .broken(let reason) = episode.ending {
      y = top + 8
      let line = EpisodeFrames.lines(of: reason, width: width - 2 * EpisodeFrames.margin, atMost: 1)
      let reasonWidth = Canvas.width(of: line.first ?? "", scale: 2)
      canvas.text(
        line.first ?? "", x: (width - reasonWidth) / 2, y: top + 44, scale: 2, Color(255, 255, 255))
    }
    canvas.text(text, x: (width - textWidth) / 2, y: y, scale: 4, Color(255, 255, 255))
  }

  /// Breaks a text between words into lines that fit at twice the font's size; what does not fit
  /// ends in dots.
  package static func lines(of text: String, width: Int, atMost count: Int) -> [String] {
    let room = max(4, (width + 2) / (2 * BitmapFont.advance))
    var lines: [String] = []
    for word in text.split(whereSeparator: \.isWhitespace) {
      if let last = lines.last, last.count + 1 + word.count <= room {
        lines[lines.count - 1] += " \(word)"
      } else {
        lines.append(String(word))
      }
    }
    let isCut = lines.count > count
    lines = Array(lines.prefix(count))
    for (number, line) in lines.enumerated() {
      let wantsDots = line.count > room || (isCut && number == count - 1)
      if wantsDots { lines[number] = line.prefix(room - 3) + "..." }
    }
    return lines
  }
}
