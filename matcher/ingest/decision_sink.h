#ifndef GRADMATCH_MATCHER_INGEST_DECISION_SINK_H_
#define GRADMATCH_MATCHER_INGEST_DECISION_SINK_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/graduate.pb.h"

namespace gradmatch {

// What was decided about a graduate, as it is stored now.
struct KeptDecision {
  std::string key;         // GraduateKey
  bool deleted = false;    // the record; then there is nothing else
  v1::Graduate decisions;  // of DecisionsOf
};

// Hears of decisions about graduates (keep_decisions.h) once they are stored
// and before anybody is answered, so that they outlive the store. All methods
// may run concurrently; those about one graduate come in the order of its
// writes.
class DecisionSink {
 public:
  // Decisions that are going to be stored. Destroyed without Keep when they
  // were not.
  class Pending {
   public:
    virtual ~Pending() = default;
    // Kept for good when this returns OK; else the caller must not answer OK.
    virtual absl::Status Keep(std::vector<KeptDecision> decisions) = 0;
  };

  virtual ~DecisionSink() = default;
  // Before anything is stored; an error stops that.
  virtual absl::StatusOr<std::unique_ptr<Pending>> Begin() = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_DECISION_SINK_H_
