import LeRobot
import Simulation
import Testing

@Suite struct EpisodeRecorderTests {
  let carry = SimulatedTask.all.first { $0.name == "carry" }!

  /// The first `count` episodes of a policy that is corrected, and of demonstrators.
  private func episodes(_ actor: Rollout.Actor, _ pictures: Rollout.Pictures, count: Int) throws
    -> [SimulatedEpisode]
  {
    var all: [SimulatedEpisode] = []
    try Rollout(
      task: carry, actor: actor, corrector: carry.corrector, pictures: pictures, groupSize: count
    ).run(seeds: Array(20..<20 + UInt64(count))) { episode, _ in all.append(episode) }
    return all
  }

  private func check(_ folder: String, _ written: [SimulatedEpisode]) throws {
    let dataset = try Dataset(folder: folder)
    #expect(dataset.episodes.count == written.count && dataset.info.fps == 20)
    #expect(dataset.frameCount == written.reduce(0) { $0 + $1.steps.count })
    for (episode, original) in zip(dataset.episodes, written) {
      let data = try dataset.read(episode, columns: ColumnSelection())
      #expect(data.actions == original.steps.flatMap(\.action))
      let labels = data.labels
      #expect(labels.success == original.isSuccess && labels.type == original.type)
      #expect(labels.source == original.source)
      #expect(labels.interventions == original.steps.map(\.isIntervention))
      #expect(labels.rewards.last == (original.isSuccess ? 1 : 0))
      #expect(labels.rewards.dropLast().allSatisfy { $0 == 0 })
      #expect(labels.dones == original.steps.indices.map { $0 == original.steps.count - 1 })
      #expect(labels.texts.allSatisfy { $0 == original.instruction })
    }
  }

  @Test func aDatasetOfStatesIsReadBackWithItsLabels() throws {
    try withFolder { folder in
      let specification = try carry.make().specification
      let written = try episodes(
        .policy("homing") { Homing(speed: 1, gain: 15) }, .never, count: 6)
      #expect(Set(written.map(\.type)).contains(.correction))
      let recorder = try EpisodeRecorder(folder: folder, task: specification, cameras: [])
      for episode in written { #expect(try recorder.add(episode)) }
      var broken = written[0]
      broken.ending = .broken("for a test")
      #expect(try !recorder.add(broken) && recorder.skippedCount == 1)
      try recorder.finish()
      try check(folder, written)
      #expect(try Dataset(folder: folder).cameras.isEmpty)

      let demonstrations = try episodes(.demonstrators(carry.demonstrators), .never, count: 2)
      let more = try EpisodeRecorder(appendingTo: folder, task: specification)
      for episode in demonstrations { try more.add(episode) }
      try more.finish()
      try check(folder, written + demonstrations)
      #expect(
        message { _ = try EpisodeRecorder(appendingTo: folder, task: Endless().specification) }
          .contains("'observation.state' has 10 numbers, 'endless' has 1"))
    }
  }

  @Test func camerasAreRecordedAsVideos() throws {
    try withFolder { folder in
      let specification = try carry.make().specification
      let written = try episodes(.demonstrators(carry.demonstrators), .frames, count: 2)
      let recorder = try EpisodeRecorder(
        folder: folder, task: specification, cameras: specification.cameras)
      for episode in written { try recorder.add(episode) }
      var blind = written[0]
      blind.steps[1].images = [:]
      #expect(
        message { try recorder.add(blind) }.contains("was not drawn in episode 0: recording it"))
      try recorder.finish()
      try check(folder, written)
      #expect(
        try Dataset(folder: folder).cameras == [
          "observation.images.front", "observation.images.top",
        ])
    }
  }
}
