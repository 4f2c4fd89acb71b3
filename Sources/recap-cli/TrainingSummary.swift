internal import Foundation
internal import Recap

/// First and last losses of every stage, for the table at the end of a run.
struct TrainingSummary {
  private var rows: [(stage: Stage, name: String, first: Double, last: Double)] = []
  private var heldOut: Double?

  mutating func add(_ metrics: Metrics) {
    for (name, value) in metrics.values {
      switch name {
      case "train/demo_epoch_loss": add(metrics.stage, "imitation loss", value, value)
      case "train/flow_loss": add(metrics.stage, "flow-matching loss", value, value)
      case "train/value_cross_entropy": add(metrics.stage, "value cross-entropy", value, value)
      case "eval/value_cross_entropy":
        add(metrics.stage, "value cross-entropy, held out", value, value)
      case "eval/flow_loss": add(metrics.stage, "flow-matching loss, held out", value, value)
      case "recap/conditioning_gap":
        add(metrics.stage, "conditioning gap, held out", value, value)
      case "recap/conditioning_gap_training":
        add(metrics.stage, "conditioning gap, training", value, value)
      case "recap/value_spearman":
        add(metrics.stage, "value rank correlation, held out", value, value)
      case "recap/value_error": add(metrics.stage, "value error, held out", value, value)
      case "recap/style_leak":
        add(metrics.stage, "style leak (0.5 is none), held out", value, value)
      case "recap/style_leak_training":
        add(metrics.stage, "style leak (0.5 is none), training", value, value)
      case "train/epoch_policy_loss": add(metrics.stage, "policy loss", value, value)
      case "train/epoch_value_loss": add(metrics.stage, "value loss", value, value)
      case "eval/demo_loss":
        // Before a stage it stands where the last one left it.
        if metrics.values.count > 3 || heldOut != nil {
          add(metrics.stage, "imitation loss, held out", heldOut ?? value, value)
        }
        heldOut = value
      default: break
      }
    }
  }

  private mutating func add(_ stage: Stage, _ name: String, _ first: Double, _ last: Double) {
    if let row = rows.firstIndex(where: { $0.stage == stage && $0.name == name }) {
      rows[row].last = last
    } else {
      rows.append((stage, name, first, last))
    }
  }

  /// A line for every stage and loss: over the first epoch, over the last; nil where nothing was trained.
  var text: String? {
    rows.isEmpty
      ? nil
      : table(
        [["stage", "loss", "before", "after"]]
          + rows.map { row in
            [row.stage.rawValue, row.name, Self.shown(row.first), Self.shown(row.last)]
          }, textColumns: 2)
  }

  private static func shown(_ value: Double) -> String { String(format: "%.4f", value) }
}
