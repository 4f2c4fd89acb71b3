internal import Torch

// Progress as plain numbers, strings and dictionaries, so that `torch.load(weights_only=True)` reads it too.

extension Progress {
  var pickled: PickleValue {
    .dictionary([
      ("stage", .string(stage.rawValue)),
      ("epoch", .int(epoch)), ("epoch_step", .int(epochStep)),
      ("stage_step", .int(stageStep)), ("global_step", .int(globalStep)),
      (.string("window"), window.pickled),
      ("has_trained_autonomously", .bool(hasTrainedAutonomously)),
      ("is_finished", .bool(isFinished)),
    ])
  }

  /// Nil when the value is not a progress that this version wrote.
  init?(_ value: PickleValue) {
    guard let stage = value["stage"]?.string.flatMap(Stage.init), let epoch = value["epoch"]?.count,
      let epochStep = value["epoch_step"]?.count, let stageStep = value["stage_step"]?.count,
      let globalStep = value["global_step"]?.count,
      let window = value["window"].flatMap(LossWindow.init),
      let hasTrainedAutonomously = value["has_trained_autonomously"]?.bool,
      let isFinished = value["is_finished"]?.bool
    else { return nil }
    self.init(
      stage: stage, epoch: epoch, epochStep: epochStep, stageStep: stageStep,
      globalStep: globalStep, window: window, hasTrainedAutonomously: hasTrainedAutonomously,
      isFinished: isFinished)
  }
}

extension PickleValue {
  /// A number of steps, from 0 and far from overflowing.
  var count: Int? { int.flatMap { (0..<1 << 53).contains($0) ? $0 : nil } }
}

extension LossWindow {
  var pickled: PickleValue {
    func entries<Value>(
      _ values: [String: Value], _ body: (Value) -> PickleValue
    ) -> PickleValue {
      .dictionary(
        values.sorted { $0.key < $1.key }.map { (key: .string($0.key), value: body($0.value)) })
    }
    return .dictionary([
      (.string("steps"), .int(steps)),
      (.string("sums"), entries(sums) { .double($0) }),
      (.string("recent"), entries(recent) { .list($0.map { .double($0) }) }),
    ])
  }

  init?(_ value: PickleValue) {
    guard let steps = value["steps"]?.count, let sums = value["sums"]?.dictionaryValue,
      let recent = value["recent"]?.dictionaryValue
    else { return nil }
    self.init(
      recent: Dictionary(
        recent.compactMap { key, list in
          key.string.map { ($0, list.array?.compactMap(\.double) ?? []) }
        }, uniquingKeysWith: { $1 }),
      sums: Dictionary(
        sums.compactMap { key, sum in key.string.flatMap { name in sum.double.map { (name, $0) } }
        },
        uniquingKeysWith: { $1 }),
      steps: steps)
  }
}
