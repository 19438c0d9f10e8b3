#ifndef GRADMATCH_TOOLS_GRADMATCH_SYNC_CLIENT_H_
#define GRADMATCH_TOOLS_GRADMATCH_SYNC_CLIENT_H_

#include <functional>

#include "absl/status/statusor.h"
#include "gradmatch/v1/content_service.pb.h"
#include "gradmatch/v1/graduate_service.pb.h"
#include "gradmatch/v1/posting_service.pb.h"
#include "gradmatch/v1/sync.pb.h"
#include "tools/gradmatch/client.h"

namespace gradmatch {

// One end of a sync stream. `next` fills the next row and says whether there
// was one; it runs on a thread of its own, so that reading the file and waiting
// for the server overlap. `on_result` is called on the caller's thread, in the
// order of the rows. The answer is the server's count at commit. After an error
// what was answered stands, and the same rows may be sent again.
template <typename Row>
struct SyncCallbacks {
  std::function<absl::StatusOr<bool>(Row& row)> next;
  std::function<void(const v1::SyncRowResult& result)> on_result;
};

absl::StatusOr<v1::SyncCommitted> SyncPostings(
    const Client& client, const v1::SyncBegin& begin,
    const SyncCallbacks<v1::SyncPostingRow>& callbacks);

absl::StatusOr<v1::SyncCommitted> SyncGraduates(
    const Client& client, const v1::SyncBegin& begin,
    const SyncCallbacks<v1::SyncGraduateRow>& callbacks);

absl::StatusOr<v1::SyncCommitted> SyncContents(
    const Client& client, const v1::SyncBegin& begin,
    const SyncCallbacks<v1::SyncContentRow>& callbacks);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_SYNC_CLIENT_H_
