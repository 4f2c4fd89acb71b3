internal import Hub
internal import LeRobot
internal import Torch

/// Which episodes a fit leaves out, for what is measured on them.
///
/// An episode is held out by a hash of the seed and of its own actions and states: if the hash, as a number from 0
/// to 1, is below the share, and the least of the others where a group would have too few. So its place never
/// decides. What was decided once is kept, in checkpoints too: an episode that is out stays out, and one that
/// was trained on is never measured on, whatever grows, merges or goes on.
package struct EpisodeSplit: Equatable, Sendable {
  /// By `EpisodeData.identity`.
  package private(set) var heldOut: Set<String> = []
  package private(set) var trained: Set<String> = []

  package init() {}

  /// Decides of the episodes that are not decided of yet.
  ///
  /// - Parameters:
  ///   - groups: the identities of episodes of one kind. Of each, the share is held out, at least one where the
  ///     share is above 0 and it has two, as far as they are not decided of; and one is trained on.
  ///   - fraction: the share.
  ///   - purpose: tells splits of one seed apart.
  package mutating func decide(
    _ groups: [[String]], fraction: Double, seed: Int, purpose: String
  ) {
    for group in groups {
      let members = Set(group)
      let open = members.subtracting(heldOut).subtracting(trained)
      let drawn = open.map { (identity: $0, number: Self.number("\(seed) \(purpose) \($0)")) }
        .sorted { ($0.number, $0.identity) < ($1.number, $1.identity) }
      let known = members.intersection(heldOut).count
      let wanted = fraction > 0 ? max(1, Int((fraction * Double(members.count)).rounded())) : 0
      let count = max(drawn.prefix { $0.number < fraction }.count, wanted - known)
      // One is left to train on.
      let out = drawn.prefix(max(0, min(count, members.count - 1 - known))).map(\.identity)
      heldOut.formUnion(out)
      trained.formUnion(open.subtracting(out))
    }
  }

  /// Adds what another split of the same purpose decided; what either trained on is not held out.
  package mutating func formUnion(_ other: EpisodeSplit) {
    trained.formUnion(other.trained)
    heldOut.formUnion(other.heldOut)
    heldOut.subtract(trained)
  }

  /// A number from 0 to below 1, as good as drawn.
  private static func number(_ text: String) -> Double {
    var hash = SHA256()
    Array(text.utf8).withUnsafeBytes { hash.update($0) }
    return Double(UInt64(hash.finish().prefix(13), radix: 16)!) / 0x1p52
  }
}

extension EpisodeData {
  /// What the episode is known by wherever it lies: a hash of its actions and states, as they are in the
  /// dataset. Labels and texts may change.
  package var identity: String {
    var hash = SHA256()
    Array("\(frameCount) \(actionWidth) \(stateWidth) ".utf8).withUnsafeBytes { hash.update($0) }
    actions.withUnsafeBytes { hash.update($0) }
    states.withUnsafeBytes { hash.update($0) }
    return String(hash.finish().prefix(16))
  }
}

/// The splits of a run: of the data, by `dataset.held_out_fraction`, and of what is left for a value function,
/// whose fit ends by the episodes it leaves out.
package struct EpisodeSplits: Equatable, Sendable {
  package var data = EpisodeSplit()
  package var value = EpisodeSplit()

  package init() {}

  package mutating func formUnion(_ other: EpisodeSplits) {
    data.formUnion(other.data)
    value.formUnion(other.value)
  }
}

// The form in checkpoints: identities in order.

extension EpisodeSplits {
  var pickled: PickleValue {
    .dictionary([(.string("data"), data.pickled), (.string("value"), value.pickled)])
  }

  /// Nil when the value is not one that this version wrote.
  init?(_ value: PickleValue) {
    guard let data = value["data"].flatMap(EpisodeSplit.init),
      let value = value["value"].flatMap(EpisodeSplit.init)
    else { return nil }
    (self.data, self.value) = (data, value)
  }
}

extension EpisodeSplit {
  fileprivate var pickled: PickleValue {
    func list(_ identities: Set<String>) -> PickleValue {
      .list(identities.sorted().map(PickleValue.string))
    }
    return .dictionary([(.string("held_out"), list(heldOut)), (.string("trained"), list(trained))])
  }

  fileprivate init?(_ value: PickleValue) {
    func identities(_ key: String) -> Set<String>? {
      guard let list = value[key]?.array else { return nil }
      let texts = list.compactMap(\.string)
      return texts.count == list.count ? Set(texts) : nil
    }
    guard let heldOut = identities("held_out"), let trained = identities("trained") else {
      return nil
    }
    (self.heldOut, self.trained) = (heldOut, trained)
  }
}
