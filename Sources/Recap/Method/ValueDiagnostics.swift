/// How well values agree with what came of the frames.
package struct ValueDiagnostics: Sendable, Equatable {
  /// Frames compared.
  package let count: Int
  /// Mean |V − R|.
  package let error: Double
  /// Mean V − R; above 0 the value function is too hopeful.
  package let bias: Double
  /// Spearman's rank correlation of V and R; nil where either is constant.
  package let spearman: Double?

  /// Compares values with returns, episode by episode; episodes without returns do not count.
  ///
  /// - Returns: nil where there is nothing to compare.
  package init?(values: [[Float]], returns: [[Float]]) {
    let pairs = zip(values, returns).flatMap { zip($0, $1) }
    guard !pairs.isEmpty else { return nil }
    count = pairs.count
    let differences = pairs.map { Double($0 - $1) }
    error = differences.reduce(0) { $0 + abs($1) } / Double(count)
    bias = differences.reduce(0, +) / Double(count)
    spearman = rankCorrelation(pairs.map { Double($0.0) }, pairs.map { Double($0.1) })
  }
}

/// Spearman's rank correlation; equal numbers share their mean rank. Nil where either is constant.
package func rankCorrelation(_ a: [Double], _ b: [Double]) -> Double? {
  guard a.count == b.count else { fatalError("rankCorrelation: \(a.count) and \(b.count) numbers") }
  let (a, b) = (ranks(a), ranks(b))
  let mean = Double(a.count - 1) / 2
  var (covariance, varianceA, varianceB) = (0.0, 0.0, 0.0)
  for (x, y) in zip(a, b) {
    covariance += (x - mean) * (y - mean)
    varianceA += (x - mean) * (x - mean)
    varianceB += (y - mean) * (y - mean)
  }
  let scale = (varianceA * varianceB).squareRoot()
  return scale > 0 ? covariance / scale : nil
}

/// The ranks of numbers from 0; equal ones share their mean rank.
private func ranks(_ numbers: [Double]) -> [Double] {
  let order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
  var ranks = [Double](repeating: 0, count: numbers.count)
  var start = 0
  while start < order.count {
    var end = start + 1
    while end < order.count, numbers[order[end]] == numbers[order[start]] { end += 1 }
    for place in start..<end { ranks[order[place]] = Double(start + end - 1) / 2 }
    start = end
  }
  return ranks
}

/// How well a number tells one group from another: the probability that one of `a` is above one of `b`,
/// ties counting half (the area under the ROC curve). 0.5 tells nothing; nil where a group is empty.
package func separation(_ a: [Double], from b: [Double]) -> Double? {
  guard !a.isEmpty, !b.isEmpty else { return nil }
  let all = ranks(a + b)
  let sum = all[..<a.count].reduce(0, +)
  let least = Double(a.count * (a.count - 1)) / 2
  return (sum - least) / Double(a.count * b.count)
}

/// The style leak: how well V − R tells who acted among episodes of one task that ended alike.
///
/// A value function that knows people from policies by how they move, instead of what works, is too
/// hopeful about the one and too gloomy about the other; 0.5 is none, 1 a complete leak (0 counts as 1).
/// Episodes are demonstrations and corrections against autonomous ones.
///
/// - Parameter chosen: the episodes to look at, those that V was not fitted to; nil for all.
/// - Returns: the mean over outcomes and tasks with at least `atLeast` episodes on both sides, weighted by
///   episodes; nil where there is none.
package func styleLeak(
  _ experience: Experience, values: [[Float]], returns: [[Float]], among chosen: [Int]? = nil,
  atLeast: Int = 5
) -> Double? {
  struct Group: Hashable {
    let task: Int
    let success: Bool?
  }
  var groups: [Group: (people: [Double], policies: [Double])] = [:]
  for position in chosen ?? Array(experience.episodes.indices) where !returns[position].isEmpty {
    let episode = experience.episodes[position]
    let differences = zip(values[position], returns[position]).map { Double($0 - $1) }
    let mean = differences.reduce(0, +) / Double(differences.count)
    let group = Group(task: episode.task, success: episode.success)
    if episode.type == .autonomous {
      groups[group, default: ([], [])].policies.append(mean)
    } else if episode.type != nil {
      groups[group, default: ([], [])].people.append(mean)
    }
  }
  var (sum, weight) = (0.0, 0.0)
  for (people, policies) in groups.values
  where people.count >= atLeast && policies.count >= atLeast {
    let area = separation(people, from: policies)!
    let count = Double(people.count + policies.count)
    sum += max(area, 1 - area) * count
    weight += count
  }
  return weight > 0 ? sum / weight : nil
}
