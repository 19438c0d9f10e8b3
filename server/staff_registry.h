#ifndef GRADMATCH_SERVER_STAFF_REGISTRY_H_
#define GRADMATCH_SERVER_STAFF_REGISTRY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/staff_service.pb.h"
#include "index/base/clock.h"
#include "index/base/mutex.h"
#include "index/store.h"

namespace gradmatch {

// The staff of a nation's schools: some ten thousand, so all of them are in
// memory beside the store. Writes go through this object only. All methods may
// run concurrently.
class StaffRegistry {
 public:
  // Reads all staff. Both are borrowed and outlive this. DataLoss when a record
  // does not parse.
  static absl::StatusOr<std::unique_ptr<StaffRegistry>> Open(
      Store& store, const Clock& clock);

  // With etag and times set. NOT_FOUND, STAFF_NOT_FOUND.
  absl::StatusOr<v1::Staff> Get(std::string_view staff_id) const;
  // At most `limit`, by id, after `after`.
  std::vector<v1::Staff> List(std::string_view after, size_t limit) const;

  // What Put adds to its batch, given the staff as stored: the request log.
  using Also = std::function<void(const v1::Staff&, WriteBatch&)>;

  struct Expect {
    bool must_exist = false;
    bool must_not_exist = false;
    std::string etag;  // empty: any
  };
  // Stores `change` of what is stored, or of an empty one. Durable when it
  // returns OK. NOT_FOUND, ALREADY_EXISTS, ABORTED with ETAG_MISMATCH, or the
  // error of `change`.
  absl::StatusOr<v1::Staff> Put(
      std::string_view staff_id, const Expect& expect,
      const std::function<absl::Status(v1::Staff&)>& change, const Also& also);
  absl::Status Delete(std::string_view staff_id, const std::string& etag,
                      const WriteBatch& also);

 private:
  StaffRegistry(Store& store, const Clock& clock)
      : store_(store), clock_(clock) {}

  absl::Status Load();
  // The stored one; null when there is none and that is as expected.
  absl::StatusOr<const v1::Staff*> Check(std::string_view staff_id,
                                         const Expect& expect) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mu_);

  Store& store_;
  const Clock& clock_;

  // One writer; held across the durable write.
  mutable Mutex write_mu_;
  uint64_t last_etag_ ABSL_GUARDED_BY(write_mu_) = 0;

  // Held only to read or change the map; taken after write_mu_.
  mutable Mutex mu_;
  std::map<std::string, v1::Staff, std::less<>> staff_ ABSL_GUARDED_BY(mu_);
};

absl::Status StaffNotFound(std::string_view staff_id);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_STAFF_REGISTRY_H_
