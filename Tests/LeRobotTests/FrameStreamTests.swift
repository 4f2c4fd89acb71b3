import Foundation
import LeRobot
import Testing

@Suite struct FrameStreamTests {
  func sources(_ dataset: Dataset) -> [FrameSource] {
    dataset.cameras.flatMap { camera in
      dataset.episodes.map { FrameSource(episode: $0, camera: camera) }
    }
  }

  @Test(arguments: [1, 2, 5], [1, 40 * 27648, 1 << 30])
  func everyFrameOnceInOrder(threads: Int, memoryLimit: Int) throws {
    let dataset = try Dataset(folder: pusht.path)
    let sources = sources(dataset)
    let stream = FrameStream(
      dataset, sources: sources, framesPerBlock: 10, memoryLimit: memoryLimit, threads: threads)
    var counts = [Int](repeating: 0, count: sources.count)
    var last = 0
    var hashes: [String] = []
    while let block = try stream.next() {
      #expect(block.sourceIndex >= last && block.source == sources[block.sourceIndex])
      #expect(block.firstFrame == counts[block.sourceIndex])
      #expect(block.width == 96 && block.height == 96)
      #expect(block.frameCount <= 10 && block.pixels.count == block.frameCount * 96 * 96 * 3)
      counts[block.sourceIndex] += block.frameCount
      last = block.sourceIndex
      if last == 3 {
        for frame in 0..<block.frameCount {
          hashes.append(sha256(block.pixels[(frame * 27648)..<((frame + 1) * 27648)]))
        }
      }
    }
    #expect(counts == dataset.episodes.map(\.length))
    #expect(hashes == Golden.all.videos["pusht"]?.sha256)
    #expect(try stream.next() == nil)
  }

  @Test(arguments: [("ioai_h264", [0, 0, 254]), ("ioai_image", [0, 100, 255] as [UInt8])])
  func anotherRecordersFrames(name: String, color: [UInt8]) throws {
    let dataset = try Dataset(folder: fixtures.appending(path: name).path)
    let stream = FrameStream(dataset, sources: sources(dataset), framesPerBlock: 2)
    var count = 0
    while let block = try stream.next() {
      count += block.frameCount
      #expect(block.width == 64 && block.height == 64)
      #expect(Array(block.pixels.prefix(3)) == color && Array(block.pixels.suffix(3)) == color)
    }
    #expect(count == 6)
  }

  @Test func errorsComeInTheirTurn() throws {
    try withCopy(of: pusht) { folder in
      let video = "videos/chunk-000/observation.image/episode_000005.mp4"
      try Data("not a video".utf8).write(to: folder.url(video))
      let dataset = try Dataset(folder: folder.path)
      let stream = FrameStream(dataset, sources: sources(dataset), threads: 3)
      var frames = 0
      let text = message { while let block = try stream.next() { frames += block.frameCount } }
      #expect(frames == 36 * 3 + 47 + 59)
      #expect(text.hasPrefix("\(folder.path)/\(video): is not a complete video: "))
      #expect(message { _ = try stream.next() } == text)
    }
  }

  @Test func cancelledStreamsEnd() throws {
    let dataset = try Dataset(folder: pusht.path)
    for _ in 0..<20 {
      let stream = FrameStream(
        dataset, sources: sources(dataset), framesPerBlock: 1, memoryLimit: 1, threads: 3)
      _ = try stream.next()
      stream.cancel()
      #expect(try stream.next() == nil)
    }
    // Dropped without a word.
    _ = FrameStream(dataset, sources: sources(dataset), framesPerBlock: 1, memoryLimit: 1)
  }

  /// Episodes of one length in one file, as v3.0 has them, are others.
  @Test(arguments: ["pusht_v30_h264", "pusht_v30_images"])
  func episodesInOneFileHaveKeysOfTheirOwn(name: String) throws {
    let dataset = try Dataset(folder: fixtures.appending(path: name).path)
    let identities = try dataset.identities(of: sources(dataset))
    #expect(Set(identities.map(\.sha256)).count < identities.count)
    // As long as each other, whatever they are.
    let alike = identities.map {
      SourceIdentity(
        file: $0.file, column: $0.column, first: $0.first, times: nil, frames: 1, decoding: "",
        sha256: $0.sha256)
    }
    #expect(Set(alike.map(\.key)).count == identities.count)
  }

  @Test func identitiesFollowTheBytes() throws {
    let dataset = try Dataset(folder: pusht.path)
    let identity = try dataset.identities(of: sources(dataset))[0]
    #expect(identity.file == "videos/chunk-000/observation.image/episode_000000.mp4")
    #expect(identity.column == nil && identity.frames == 36)
    #expect(
      identity.sha256
        == sha256(try Data(contentsOf: pusht.appending(path: identity.file))))
    let pictures = try Dataset(folder: fixtures.appending(path: "ioai_image").path)
    let column = try pictures.identities(of: sources(pictures))[1]
    #expect(column.file == "data/chunk-000/episode_000001.parquet")
    #expect(column.column == "observation.images.cam")
    let size = try pictures.frameSize(of: sources(pictures)[0])
    #expect(size == (64, 64))
  }
}
