#ifndef GRADMATCH_INDEX_CODE_TABLE_STORE_H_
#define GRADMATCH_INDEX_CODE_TABLE_STORE_H_

#include <functional>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/base/clock.h"
#include "index/base/mutex.h"
#include "index/codes/code_table.h"
#include "index/store.h"

namespace gradmatch {

// The imported code tables of a data folder, and the one way to change them.
// What is in the store is in the process's registry (code_registry.h): since
// that is one a process, so is this, in use. All methods may run concurrently.
class CodeTableStore {
 public:
  // Reads the tables and makes them the process's imported ones; to be called
  // before records are read, which may name their codes. Both are borrowed and
  // outlive this. DataLoss when a stored table does not parse.
  static absl::StatusOr<std::unique_ptr<CodeTableStore>> Open(
      Store& store, const Clock& clock);

  // A table that may be kept.
  struct Import {
    std::unique_ptr<CodeTable> table;
    bool replace = false;  // also where the version is there already
  };
  // Whether `import` may be kept. ALREADY_EXISTS when the version is there and
  // not to be replaced; INVALID_ARGUMENT when it is one of the program's.
  absl::Status Check(const Import& import) const;

  // Keeps the table, durable first, then current for all. `also` adds to the
  // batch. Refuses what Check refuses; after an error nothing has changed.
  absl::Status Put(Import import, const std::function<void(WriteBatch&)>& also);

 private:
  CodeTableStore(Store& store, const Clock& clock)
      : store_(store), clock_(clock) {}
  absl::Status Load();

  Store& store_;
  const Clock& clock_;
  Mutex mu_;  // held across the write, so that store and registry agree
  int64_t last_sequence_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_CODE_TABLE_STORE_H_
