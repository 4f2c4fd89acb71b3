/// Puts batches together, for one thread: its video decoders stay open from batch to batch.
final class WindowReader {
  private let plan: WindowPlan
  private let decoders = VideoDecoderPool(capacity: 16)

  init(_ plan: WindowPlan) { self.plan = plan }

  func read(_ places: Range<Int>, epoch: Int) throws -> WindowBatch {
    let dataset = plan.dataset
    let frames = plan.frames(places, epoch: epoch)
    let rows = try frames.map { try dataset.rows(of: dataset.episodes[$0.position]) }
    return WindowBatch(
      epoch: epoch, places: places,
      indices: frames.map { dataset.firstFrame(ofEpisodeAt: $0.position) + $0.frame },
      episodes: frames.map { dataset.episodes[$0.position].index }, frames: frames.map(\.frame),
      tasks: try zip(frames, rows).map { try task($0, $1) },
      values: try plan.columns.reduce(into: [:]) { values, column in
        values[column.key] = try self.values(column.key, column.value, frames, rows)
      },
      pictures: try plan.cameras.reduce(into: [:]) { pictures, camera in
        pictures[camera.key] = try self.pictures(camera.key, camera.value, frames, rows)
      })
  }

  /// The task of a frame: the text column, else `task_index` through the dataset's tasks, else the
  /// episode's first task.
  private func task(_ frame: WindowPlan.Frame, _ range: RowRange) throws -> String {
    let row = range.rows.lowerBound + frame.frame
    if try plan.store.width(of: plan.textColumn, in: range.path) != nil,
      let text = try plan.store.bytes(plan.textColumn, in: range.path, row: row)
    {
      return String(decoding: text, as: UTF8.self)
    }
    if try plan.store.width(of: "task_index", in: range.path) != nil,
      let index = try plan.store.numbers("task_index", in: range.path, rows: row..<row + 1).first,
      let task = Int(exactly: index).flatMap({ plan.dataset.tasks[$0] })
    {
      return task
    }
    return plan.dataset.episodes[frame.position].tasks.first ?? ""
  }

  private func length(_ frame: WindowPlan.Frame) -> Int {
    plan.dataset.episodes[frame.position].length
  }

  private func values(
    _ key: String, _ deltas: [Int], _ frames: [WindowPlan.Frame], _ rows: [RowRange]
  ) throws -> WindowBatch.Values {
    var numbers: [Float] = []
    var isPad: [Bool] = []
    var width: Int?
    for (frame, range) in zip(frames, rows) {
      let window = DeltaTimestamps.window(
        around: frame.frame, deltas: deltas, length: length(frame))
      isPad += window.isPad
      guard let found = try plan.store.width(of: key, in: range.path) else {
        throw DatasetError(range.path, "has no column '\(key)'")
      }
      guard width ?? found == found else {
        throw DatasetError(
          range.path, "column '\(key)' has \(found) values a row, other episodes \(width!)")
      }
      width = found
      guard let first = window.frames.min(), let last = window.frames.max() else { continue }
      let start = range.rows.lowerBound
      let span = try plan.store.numbers(key, in: range.path, rows: start + first..<start + last + 1)
      for place in window.frames {
        numbers += span[(place - first) * found..<(place - first + 1) * found]
      }
    }
    return WindowBatch.Values(
      window: deltas.count, width: width ?? 0, numbers: numbers, isPad: isPad)
  }

  // MARK: Pictures

  /// A picture that is wanted: its file, its frame or row there, and its place in the batch.
  private struct Wanted {
    let path: String
    let number: Int
    let place: Int
  }

  private func pictures(
    _ key: String, _ camera: WindowPlan.Camera, _ frames: [WindowPlan.Frame], _ rows: [RowRange]
  ) throws -> WindowBatch.Pictures {
    var wanted: [Wanted] = []
    var isPad: [Bool] = []
    for (frame, range) in zip(frames, rows) {
      let window = DeltaTimestamps.window(
        around: frame.frame, deltas: camera.deltas, length: length(frame))
      isPad += window.isPad
      let episode = plan.dataset.episodes[frame.position]
      let video = camera.isVideo ? try plan.dataset.video(of: episode, camera: key) : nil
      let shown = try video.map {
        try plan.dataset.frames(
          of: episode, camera: key, in: $0,
          decoders.decoder(of: $0.path, isDepth: camera.isDepth).clock())
      }
      for frame in window.frames {
        wanted.append(
          Wanted(
            path: video?.path ?? range.path, number: shown?[frame] ?? range.rows.lowerBound + frame,
            place: wanted.count))
      }
    }
    // A file's frames in their order, so that its decoder walks forward.
    wanted.sort { ($0.path, $0.number, $0.place) < ($1.path, $1.number, $1.place) }
    let size = camera.width * camera.height * 3
    let pixels = try [UInt8](unsafeUninitializedCapacity: wanted.count * size) { buffer, filled in
      let all = UnsafeMutableRawBufferPointer(buffer)
      func slot(_ place: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: all[place * size..<(place + 1) * size])
      }
      var last: Wanted?
      for picture in wanted {
        if let last, last.number == picture.number, last.path == picture.path {
          slot(picture.place).copyMemory(from: UnsafeRawBufferPointer(slot(last.place)))
        } else {
          try decode(picture, key, camera, into: slot(picture.place))
        }
        last = picture
      }
      filled = buffer.count
    }
    return WindowBatch.Pictures(
      window: camera.deltas.count, width: camera.width, height: camera.height, pixels: pixels,
      isPad: isPad)
  }

  private func decode(
    _ picture: Wanted, _ key: String, _ camera: WindowPlan.Camera,
    into slot: UnsafeMutableRawBufferPointer
  ) throws {
    func check(_ width: Int, _ height: Int, _ name: String) throws {
      guard (width, height) == (camera.width, camera.height) else {
        throw DatasetError(
          name, "is \(width)×\(height), others are \(camera.width)×\(camera.height)")
      }
    }
    if camera.isVideo {
      let decoder = try decoders.decoder(of: picture.path, isDepth: camera.isDepth)
      try check(decoder.width, decoder.height, picture.path)
      try decoder.decode(frame: picture.number, into: slot)
    } else {
      let name = "\(picture.path): column '\(key)' row \(picture.number)"
      let image = try image(of: picture, key, camera, name)
      try check(image.width, image.height, name)
      image.write(to: slot)
    }
  }

  private func image(
    of picture: Wanted, _ key: String, _ camera: WindowPlan.Camera, _ name: String
  ) throws -> Image {
    if camera.feature.isPictureArray {
      let row = picture.number..<picture.number + 1
      let numbers = try plan.store.numbers(key, in: picture.path, rows: row)
      return try StoredPicture.array(numbers.map { UInt8(exactly: $0) ?? 0 })
        .image(camera.feature, name: name)
    }
    guard let bytes = try plan.store.bytes(key, in: picture.path, row: picture.number) else {
      throw DatasetError(name, "is null, the bytes of a picture are wanted")
    }
    return try bytes.withUnsafeBytes {
      try StoredPicture.file($0).image(camera.feature, name: name)
    }
  }
}
