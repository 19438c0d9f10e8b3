#ifndef GRADMATCH_TESTS_DURABILITY_WORKLOAD_H_
#define GRADMATCH_TESTS_DURABILITY_WORKLOAD_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/posting.pb.h"
#include "gradmatch/v1/posting_service.pb.h"
#include "tests/durability/daemon.h"
#include "tests/durability/oracle.h"

namespace gradmatch {

// Everything that is acknowledged to callers, under load from several threads:
//
//   source/NAME plan/NAME
//   posting/NAME     rows of syncs and single calls; "rREVISION" or absent
//   created/ID       calls with a request_id: the answer; a repeat gives it
//   profile/ID push/ID placement/ID    of graduates
//   erased/ID        graduates whose erasure was acknowledged
//   purged/ID        those of whom no file holds anything
//   run/ID item/NAME delivery/NAME event/ID    of push
//   audit/PURPOSE    acts that the audit must know of
//
// One object a life of the world's data; it outlives the processes.
class Workload {
 public:
  // Both are borrowed.
  Workload(Oracle& oracle, uint32_t seed) : oracle_(oracle), seed_(seed) {}

  // Makes what the load needs; to be called in every life until it returns
  // true. False when the daemon died meanwhile.
  bool Prepare(Daemon& daemon);

  // Loads the daemon until it dies; not longer than `longest`. Errors that do
  // not mean that it is gone are wrong, unless they are `expected`: then they
  // only end what met them.
  void Run(Daemon& daemon, absl::Duration longest, bool expected = false);

  // Compares everything with the oracle. False when the daemon died meanwhile:
  // then nothing is said.
  bool Judge(Daemon& daemon, const SimulatedDisk& disk);

  static std::vector<std::string> SourceNames();

 private:
  friend class LoadThread;

  Oracle& oracle_;
  const uint32_t seed_;
  bool prepared_ = false;
  int lives_ = 0;
  std::atomic<bool> stop_ = false;
  bool errors_expected_ = false;
  // Never repeat over all lives.
  std::atomic<int64_t> revision_ = 0;
  std::atomic<int64_t> serial_ = 0;
};

// What the load writes, so that whoever reads it can tell the revision and sees
// if half of it is old.
v1::Posting PostingAt(const std::string& id, int64_t revision);
// "r12", or what does not fit.
std::string DescribePosting(const v1::Posting& posting);
// The call with request_id number `serial`, and what of the answer must be the
// same when it is repeated. kUnanswered: nobody has heard the answer.
v1::CreatePostingRequest CreateAt(int64_t serial);
std::string DescribeAnswer(const v1::Posting& answer);
inline constexpr char kUnanswered[] = "unanswered";
v1::Graduate GraduateAt(const std::string& id, int64_t revision);
std::string DescribeProfile(const v1::Graduate& graduate);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_DURABILITY_WORKLOAD_H_
