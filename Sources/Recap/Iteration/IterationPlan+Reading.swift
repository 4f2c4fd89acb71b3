internal import Foundation
internal import Platform

extension IterationPlan {
  /// Reads the plan of a run; nil where there is none.
  ///
  /// - Throws: where the file is not such a plan as a run writes: its steps, once each and in order, with
  ///   results in the run's folder.
  public init?(folder: String) throws {
    let path = "\(folder)/plan.json"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let data = Data(try readFile(path, wanted: "the plan of a run of `recap iterate`"))
    func fault(_ what: String) -> IterationError {
      IterationError(
        description:
          "\(path) is no plan of `recap iterate`: \(what); wanted the file as it was written")
    }
    do {
      self = try JSONDecoder().decode(IterationPlan.self, from: data)
    } catch let error as DecodingError {
      throw fault("it is \(jsonFault(error))")
    }
    if let key = try unknownKey(of: data) { throw fault("the key \(key) is not known") }
    if let problem { throw fault(problem) }
  }

  /// What is wrong with the steps; nil where nothing is.
  private var problem: String? {
    var wanted = ["pretrain", "sft"]
    for round in 0..<max(0, (steps.count - 2) / 3) {
      wanted += ["collect", "add", "fit"].map { "\($0)-\(round + 1)" }
    }
    let names = steps.map(\.name)
    if names != wanted {
      for name in wanted where names.count(where: { $0 == name }) != 1 {
        return "step \(name) is \(names.contains(name) ? "there twice" : "missing")"
      }
      let other = names.first { !wanted.contains($0) } ?? names[0]
      return "step '\(other.prefix(40))' is not where a run has it"
    }
    for step in steps {
      if (step.output == nil) != (step.hash == nil) {
        let missing = step.hash == nil ? "hash" : "output"
        return "step \(step.name) is done and has no \(missing)"
      }
      if let output = step.output, !staysInside(output) {
        return
          "step \(step.name) has the output '\(output.prefix(80))', which is outside of the run's folder"
      }
    }
    return nil
  }

  private func staysInside(_ path: String) -> Bool {
    !path.isEmpty && !path.utf8.contains(0)
      && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
        !["", ".", ".."].contains($0)
      }
  }

  /// A key that reading leaves out, and writing would lose.
  private func unknownKey(of data: Data) throws -> String? {
    func objects(_ data: Data) throws -> (plan: [String: Any], steps: [[String: Any]]) {
      let plan = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
      return (plan, plan["steps"] as? [[String: Any]] ?? [])
    }
    func missing(_ found: [String: Any], _ known: [String: Any]) -> String? {
      found.filter { known[$0.key] == nil && !($0.value is NSNull) }.keys.min()
    }
    let (found, known) = (try objects(data), try objects(JSONEncoder().encode(self)))
    if let key = missing(found.plan, known.plan) { return key }
    return zip(found.steps, known.steps).lazy.compactMap(missing).first
  }
}
