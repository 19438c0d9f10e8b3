#ifndef GRADMATCH_INDEX_REQUEST_LOG_H_
#define GRADMATCH_INDEX_REQUEST_LOG_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/base/clock.h"
#include "index/base/mutex.h"
#include "index/store.h"

namespace gradmatch {

// Which request this is. Two callers (scopes) may use one request_id.
struct RequestIdentity {
  std::string scope;       // the caller, any bytes; stored as a hash only
  std::string method;      // "PostingService.CreatePosting"; no '/'
  std::string request_id;  // as the caller sent it, IsValidId
};

enum class RequestOutcome {
  kNew,       // not seen in the last 7 days: do it
  kSame,      // done before: answer `response` again, change nothing
  kConflict,  // the id was used for another body: refuse
};

struct RequestLookup {
  RequestOutcome outcome = RequestOutcome::kNew;
  std::string response;  // set for kSame: the bytes given to AddTo
};

// Makes writes idempotent. The answer is kept in the same batch as the change
// it answers for, so that neither is there without the other.
//
//   auto claim = log.TryClaim(id);             // null: the same request runs
//   auto seen = log.Lookup(id, ContentHash(body));
//   ... kNew: build the change, then log.AddTo(batch, id, hash, response) ...
//
// All methods may run concurrently.
class RequestLog {
 public:
  static constexpr absl::Duration kLifetime = absl::Hours(7 * 24);

  // Both are borrowed and outlive this.
  RequestLog(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  // Marks a request as running until the claim is destroyed, at the latest
  // with the log. Hold it from before Lookup until the change is written: a
  // retry that overtakes its original would otherwise be done twice.
  class Claim {
   public:
    Claim(RequestLog& log, std::string key) : log_(log), key_(std::move(key)) {}
    ~Claim();
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;

   private:
    RequestLog& log_;
    const std::string key_;
  };
  // Null when the same request is running now (answer ABORTED: try again).
  std::unique_ptr<Claim> TryClaim(const RequestIdentity& id);

  // `body_hash` is the ContentHash of the request without its request_id.
  absl::StatusOr<RequestLookup> Lookup(const RequestIdentity& id,
                                       uint64_t body_hash) const;

  void AddTo(WriteBatch& batch, const RequestIdentity& id, uint64_t body_hash,
             std::string_view response) const;

  // Removes answers older than 7 days, and entries that do not parse: of at
  // most `most` entries from the key `from` on, in one buffered batch; or only
  // counts them.
  struct Purged {
    int64_t examined = 0;
    int64_t expired = 0;  // removed, unless they were only counted
    std::string next;     // where to go on; empty at the end
  };
  absl::StatusOr<Purged> Purge(const std::string& from, size_t most,
                               bool count_only);
  // All of them, in such steps. Returns how many were removed.
  absl::StatusOr<int64_t> PurgeExpired();

 private:
  std::unique_ptr<Claim> TryClaimKey(std::string key);
  absl::StatusOr<int64_t> Remove(const std::vector<std::string>& keys);
  // Also true for bytes that do not parse.
  bool IsExpired(std::string_view bytes) const;

  Store& store_;
  const Clock& clock_;

  Mutex mu_;
  std::set<std::string> running_ ABSL_GUARDED_BY(mu_);
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_REQUEST_LOG_H_
