#ifndef GRADMATCH_SERVER_SOURCE_REGISTRY_H_
#define GRADMATCH_SERVER_SOURCE_REGISTRY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/source.pb.h"
#include "index/base/clock.h"
#include "index/base/mutex.h"
#include "index/store.h"

namespace gradmatch {

// The sources: a few thousand, so all of them are in memory beside the store.
// Writes go through this object only. All methods may run concurrently.
class SourceRegistry {
 public:
  // Reads all sources. Both are borrowed and outlive this. DataLoss when a
  // record does not parse.
  static absl::StatusOr<std::unique_ptr<SourceRegistry>> Open(
      Store& store, const Clock& clock);

  // With etag and times set. NOT_FOUND, SOURCE_NOT_FOUND.
  absl::StatusOr<v1::Source> Get(std::string_view source_id) const;
  // At most `limit`, by id, after `after`.
  std::vector<v1::Source> List(std::string_view after, size_t limit) const;
  int64_t count() const;

  // What Put and Delete add to their batch, given the source as stored.
  using Also = std::function<void(const v1::Source&, WriteBatch&)>;

  struct Expect {
    bool must_exist = false;
    bool must_not_exist = false;
    std::string etag;  // empty: any
  };
  // Stores `source` under its name, which is valid; `change` makes it from the
  // stored one, or from an empty one. Durable when it returns OK.
  absl::StatusOr<v1::Source> Put(
      std::string_view source_id, const Expect& expect,
      const std::function<absl::Status(v1::Source&)>& change, const Also& also);
  // NOT_FOUND when absent. ABORTED while somebody uses it. `check` may refuse;
  // nobody can begin to use the source from before it runs.
  absl::Status Delete(std::string_view source_id, const std::string& etag,
                      const std::function<absl::Status()>& check,
                      const Also& also);
  // Remembers a sync that was committed; not a change of the source (its etag
  // stays). Nothing when the source has gone.
  absl::Status SetLastSync(std::string_view source_id, absl::Time when);

  // Held while records of a source are written: it cannot be deleted meanwhile.
  class Use {
   public:
    Use(SourceRegistry& registry, std::string id, v1::Source source)
        : registry_(registry), id_(std::move(id)), source_(std::move(source)) {}
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    const std::string& id() const { return id_; }
    const v1::Source& source() const { return source_; }

   private:
    SourceRegistry& registry_;
    const std::string id_;
    const v1::Source source_;
  };
  absl::StatusOr<std::unique_ptr<Use>> BeginUse(std::string_view source_id);

  // Held while one sync of a source runs; FAILED_PRECONDITION,
  // IMPORT_ALREADY_RUNNING, while another does.
  class SyncLock {
   public:
    SyncLock(SourceRegistry& registry, std::string id)
        : registry_(registry), id_(std::move(id)) {}
    ~SyncLock();
    SyncLock(const SyncLock&) = delete;
    SyncLock& operator=(const SyncLock&) = delete;

   private:
    SourceRegistry& registry_;
    const std::string id_;
  };
  absl::StatusOr<std::unique_ptr<SyncLock>> LockSync(
      std::string_view source_id);

 private:
  SourceRegistry(Store& store, const Clock& clock)
      : store_(store), clock_(clock) {}

  absl::Status Load();
  // Checked before a write; null when the source is absent.
  absl::StatusOr<const v1::Source*> Check(std::string_view source_id,
                                          const Expect& expect) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mu_);
  std::string NextEtag() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mu_);

  Store& store_;
  const Clock& clock_;

  // One writer; held across the durable write.
  mutable Mutex write_mu_;
  uint64_t last_etag_ ABSL_GUARDED_BY(write_mu_) = 0;

  // Held only to read or change the maps; taken after write_mu_.
  mutable Mutex mu_;
  std::map<std::string, v1::Source, std::less<>> sources_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, int, std::less<>> users_ ABSL_GUARDED_BY(mu_);
  std::set<std::string, std::less<>> syncing_ ABSL_GUARDED_BY(mu_);
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_SOURCE_REGISTRY_H_
