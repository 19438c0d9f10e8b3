#ifndef GRADMATCH_MATCHER_CONTENT_REASONS_H_
#define GRADMATCH_MATCHER_CONTENT_REASONS_H_

#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "gradmatch/v1/common.pb.h"
#include "gradmatch/v1/content.pb.h"
#include "matcher/content_ranker.h"

namespace gradmatch {

// 政策, 资讯, 招聘活动, 培训课程.
std::string_view ContentKindWord(int kind);

// Why this content, for a graduate to read: at most kMaxReasons. First for whom
// it is meant (AUDIENCE), or what is open about that (AudienceGapCode); when
// and where it takes place (EVENT, COURSE); EVENT_POSTINGS that fit and
// EVENT_EMPLOYERS; SIMILAR; FRESH; CLOSING; FOR_EVERYBODY when nothing else is
// to be said. Without personalisation: place and time only.
std::vector<v1::Reason> ContentReasons(const ContentQuery& query,
                                       const v1::Content& content,
                                       const RankedContent& ranked,
                                       absl::Time now);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_CONTENT_REASONS_H_
