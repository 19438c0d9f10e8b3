#ifndef GRADMATCH_MATCHER_PUSH_PUSH_EXPORT_H_
#define GRADMATCH_MATCHER_PUSH_PUSH_EXPORT_H_

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gradmatch/v1/posting.pb.h"
#include "gradmatch/v1/push.pb.h"
#include "index/catalog.h"
#include "index/push_store.h"

namespace gradmatch {

// Whether a posting may still be told to anybody.
bool CanBePushed(const v1::Posting& posting, absl::Time now);

// Looks again, on the way out, at items that are still INTENT: those whose
// graduate or posting has left since, or whose time is over, become SUPPRESSED
// with the reason ("PLACED 已登记毕业去向"). Nothing is written: a placement
// may be taken back and a posting opened again, and then the item may go out.
absl::Status SuppressStale(const Catalog& catalog,
                           const PushStore::GraduateKeyOf& graduate_key,
                           absl::Time now, std::span<v1::PushItem> items);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_PUSH_EXPORT_H_
