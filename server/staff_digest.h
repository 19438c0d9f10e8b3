#ifndef GRADMATCH_SERVER_STAFF_DIGEST_H_
#define GRADMATCH_SERVER_STAFF_DIGEST_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gradmatch/v1/staff_service.pb.h"
#include "index/push_store.h"
#include "matcher/push/selection.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// A student is without a reaction when so many items brought none.
inline constexpr int kItemsWithoutReaction = 5;

// What is known of one student, for the digest.
struct StudentFacts {
  std::string name;                            // graduates/{graduate}
  std::vector<LedgerLine> ledger;              // of all runs
  int32_t reactions = 0;                       // events reported
  Suppression selection = Suppression::kNone;  // by the record as it is now
  std::optional<Uncovered> uncovered;          // what the last empty run noted
};

// The student's line in the digest of a run. Pure. Why there is nothing: what
// the record says, then what the run noted; NOT_IN_RUN when neither knows, such
// as for somebody who came after it.
v1::StudentDigest DigestOf(const StudentFacts& facts, std::string_view run_id);

// Totals of `students`, and the students in the order a reader wants: those not
// covered, those without a reaction, the rest; each by name. Pure.
void FillDigest(std::vector<v1::StudentDigest> students,
                v1::StaffDigest& digest);

// StaffService.GetStaffDigest. Reads every graduate's record to find the
// students: seconds for a nation. RUN_NOT_READY before the run has ended.
// Audited.
absl::Status GetStaffDigest(const Runtime& runtime, const PushStore& store,
                            const RpcContext& rpc,
                            const v1::GetStaffDigestRequest& request,
                            v1::StaffDigest& response);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_STAFF_DIGEST_H_
