internal import ArgumentParser
internal import Foundation
internal import LeRobot
internal import Platform
internal import Simulation

extension BenchmarkCommand {
  struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "simulate",
      abstract:
        "Control steps of a task by its demonstrators: as many as each line of the input says.")

    @Option var task: String
    @Flag(help: "Draw the task's cameras in every step; only that is timed.") var pictures = false
    @Option(help: "Write the scene, an MJCF file, say what a peer must know, and leave it at that.")
    var scene: String?

    func run() throws {
      let simulated = try SimulatedTask.named(task)
      let task = try simulated.make()
      if let scene {
        try AtomicFile.write(scene, bytes: Array(task.world.mjcf.utf8))
        let cameras = task.specification.cameras.map(\.name)
        try printOutput("{\"fps\": \(task.specification.fps), \"cameras\": \(cameras)}")
        return
      }
      let renderer = pictures ? try Renderer(world: task.world) : nil
      var seed: UInt64 = 0
      var expert: (any Expert)?
      try answer { count in
        try (0..<count).map { _ in
          if expert == nil || task.outcome != .running {
            seed += 1
            task.reset(seed: seed)
            expert = task.demonstrator(
              simulated.demonstrators.part(seed: seed).demonstrator, seed: seed)
          }
          let start = ContinuousClock.now
          task.step(expert!.action())
          let stepped = ContinuousClock.now
          guard let renderer else { return (stepped - start) / .seconds(1) }
          for camera in task.specification.cameras {
            _ = try renderer.picture(of: task.world, camera: camera)
          }
          return (ContinuousClock.now - stepped) / .seconds(1)
        }
      }
    }
  }
}
