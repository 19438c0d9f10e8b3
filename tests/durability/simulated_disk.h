#ifndef GRADMATCH_TESTS_DURABILITY_SIMULATED_DISK_H_
#define GRADMATCH_TESTS_DURABILITY_SIMULATED_DISK_H_

#include <random>
#include <string>
#include <vector>

#include "tests/durability/disk_control.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {

// A disk that can lose power, fail and be slow. Programs run on it as they are:
// started with Environment(), everything they do to files under root() is
// recorded (disk_recorder.cc). A program that is killed loses nothing by that;
// its pages are with the kernel. CutPower takes away what a disk may lose:
//
//   - of a file: what was written since its last sync, all of it, none, or a
//     part that ends anywhere; behind it possibly zeros. Bytes that were
//     overwritten may be the old ones again.
//   - of a folder: creations, removals and renames since its last sync, all of
//     them, none, or the last ones. A file whose name was not synced is gone,
//     whatever was synced of its content; a removed one is back.
//
// So a kill may be followed by others and then by a cut, and what no program
// synced meanwhile is lost then. Real disks lose less (ext4 keeps the name of a
// file that was synced); what is promised must not depend on it.
//
// Used by one thread, and by CutPower only while no program runs on it.
class SimulatedDisk {
 public:
  SimulatedDisk();
  ~SimulatedDisk();
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  const std::string& root() const { return root_; }
  // A place beside the disk, for logs.
  std::string Beside(const std::string& name) const { return folder_ / name; }
  // "NAME=value" each.
  std::vector<std::string> Environment() const;

  // What the disk does next; see there. Set before a program starts, or while
  // it runs.
  DiskControl& control() { return *control_; }
  // Counts from 0 again and fails no more.
  void ResetControl();

  // kIgnored: a disk that says it has synced and has not: all is lost since the
  // last cut. For tests that must fail.
  enum class Syncs { kKept, kIgnored };
  // Everything that is there afterwards is there for good.
  void CutPower(std::mt19937& random, Syncs syncs = Syncs::kKept);

 private:
  void StartJournal();

  const TempFolder folder_;
  const std::string root_;
  DiskControl* control_ = nullptr;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_DURABILITY_SIMULATED_DISK_H_
