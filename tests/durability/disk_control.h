#ifndef GRADMATCH_TESTS_DURABILITY_DISK_CONTROL_H_
#define GRADMATCH_TESTS_DURABILITY_DISK_CONTROL_H_

#include <atomic>
#include <cstdint>

namespace gradmatch {

// What a test and the recorder in the program under test (disk_recorder.cc) say
// to each other: a file that both map. All zero means that nothing is done to
// the disk. Numbers count from 1; 0 is never.
struct DiskControl {
  // --- The recorder counts ---
  std::atomic<int64_t> syncs;       // of files and of folders
  std::atomic<int64_t> operations;  // that change the disk: creations, writes,
                                    // syncs, renames, removals
  std::atomic<int64_t> waiting;     // syncs that are slow now

  // --- The test asks ---
  // The program dies by SIGKILL at this sync: before it is done, or when it is
  // done and nobody has been told.
  std::atomic<int64_t> die_at_sync;
  std::atomic<int64_t> die_after_it;
  // This sync fails with EIO, and as on Linux what it should have kept is lost
  // for good, though later syncs succeed.
  std::atomic<int64_t> fail_at_sync;
  // Recorded: what that sync was of.
  char failed_path[512];
  // This operation and the `fail_count - 1` next ones fail with `fail_errno`.
  std::atomic<int64_t> fail_at_operation;
  std::atomic<int64_t> fail_count;
  std::atomic<int64_t> fail_errno;
  // A disk that is slow; or, while `hold_syncs` is set, stands still: no sync
  // comes to its end.
  std::atomic<int64_t> hold_syncs;
  std::atomic<int64_t> sync_delay_us;
  std::atomic<int64_t> write_delay_us;
};
static_assert(std::atomic<int64_t>::is_always_lock_free);

// Variables of the environment for the program under test. Both are absolute
// paths; the journal is DISK_ROOT_VARIABLE's with ".journal" behind it, the
// folder of removed files the same with ".removed".
inline constexpr char kDiskRootVariable[] = "GRADMATCH_DISK_ROOT";
inline constexpr char kDiskControlVariable[] = "GRADMATCH_DISK_CONTROL";

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_DURABILITY_DISK_CONTROL_H_
