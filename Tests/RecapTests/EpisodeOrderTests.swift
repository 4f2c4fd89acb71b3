import Recap
import Testing

@Suite struct EpisodeOrderTests {
  @Test func everyEpisodeOnceAnEpoch() {
    let batches = epochBatches(Array(3..<10), size: 3, seed: 1, stage: .corrections, epoch: 2)
    #expect(batches.map(\.count) == [3, 3, 1])
    #expect(batches.flatMap { $0 }.sorted() == Array(3..<10))
  }

  @Test func orderComesFromSeedStageAndEpoch() {
    func order(_ seed: Int, _ stage: Stage, _ epoch: Int) -> [[Int]] {
      epochBatches(Array(0..<20), size: 1, seed: seed, stage: stage, epoch: epoch)
    }
    let reference = order(1, .autonomous, 3)
    #expect(order(1, .autonomous, 3) == reference)
    #expect(order(2, .autonomous, 3) != reference)
    #expect(order(1, .corrections, 3) != reference)
    #expect(order(1, .autonomous, 4) != reference)
  }
}
