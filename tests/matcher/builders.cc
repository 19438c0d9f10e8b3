#include "tests/matcher/builders.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "index/base/clock.h"
#include "index/base/strings.h"
#include "index/content_hash.h"
#include "index/segment.h"
#include "matcher/encoder_input.h"
#include "matcher/posting_schema.h"

namespace gradmatch {
namespace {

void Count(std::string_view text, std::span<float> row) {
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    row[ContentHash(text.substr(i, 2)) % row.size()] += 1;
  }
}

}  // namespace

absl::Time TestNow() {
  return absl::FromCivil(absl::CivilHour(2026, 11, 22, 12),
                         absl::FixedTimeZone(8 * 3600));
}

v1::Code MakeCode(std::string_view system, std::string_view code,
                  std::string_view display) {
  v1::Code made;
  made.set_system(std::string(system));
  made.set_code(std::string(code));
  made.set_display(std::string(display));
  return made;
}

v1::Posting OpenPosting(std::string_view id) {
  v1::Posting posting;
  posting.set_name(absl::StrCat("sources/s/postings/", A(id)));
  posting.set_source_posting_id(std::string(id));
  posting.set_title("职员");
  posting.mutable_employer()->set_name("某公司");
  posting.set_state(v1::Posting::STATE_OPEN);
  return posting;
}

v1::Posting PostingForMajors(std::string_view system,
                             const std::vector<std::string>& codes,
                             const std::vector<int>& levels) {
  v1::Posting posting = OpenPosting();
  v1::MajorRequirement::Group& group = *posting.mutable_majors()->add_groups();
  for (const std::string& code : codes) {
    *group.add_codes() = MakeCode(system, code);
  }
  for (int level : levels) {
    group.add_levels(static_cast<v1::EducationLevel>(level));
  }
  return posting;
}

void AddEducation(v1::Profile& profile, int level,
                  std::string_view major_system, std::string_view major_code,
                  int graduation_year) {
  v1::Education& education = *profile.add_educations();
  education.set_level(static_cast<v1::EducationLevel>(level));
  if (!major_code.empty()) {
    *education.add_majors() = MakeCode(major_system, major_code);
  }
  if (graduation_year != 0) {
    education.mutable_graduation_time()->set_seconds(absl::ToUnixSeconds(
        absl::FromCivil(absl::CivilDay(graduation_year, 6, 30),
                        absl::FixedTimeZone(8 * 3600))));
  }
}

v1::Profile Bachelor() {
  v1::Profile profile;
  AddEducation(profile, 4, "undergraduate", "080901", 2026);
  return profile;
}

v1::Graduate ActiveGraduate(const v1::Profile& profile) {
  v1::Graduate graduate;
  graduate.set_name("graduates/g1");
  graduate.set_lifecycle(v1::Graduate::LIFECYCLE_ACTIVE);
  *graduate.mutable_profile() = profile;
  return graduate;
}

absl::Status FakeEncoder::Encode(std::span<const EncoderInput> input, Side,
                                 std::span<float> out) const {
  for (size_t i = 0; i < input.size(); ++i) {
    std::span<float> row = out.subspan(i * info_.dimension, info_.dimension);
    std::fill(row.begin(), row.end(), 0.0f);
    for (std::string_view text :
         {input[i].title, input[i].description, input[i].requirements,
          input[i].skills, input[i].majors, input[i].functions}) {
      Count(text, row);
    }
    for (const EncoderCode& code : input[i].major_codes) Count(code.code, row);
    for (std::string_view code : input[i].function_codes) Count(code, row);
    Embedding unit(row.begin(), row.end());
    Normalize(unit);
    std::copy(unit.begin(), unit.end(), row.begin());
  }
  return absl::OkStatus();
}

std::shared_ptr<const Snapshot> SnapshotOf(
    std::span<const v1::Posting> postings, size_t segment_rows, bool sandbox) {
  const FakeEncoder encoder;
  const IndexShape shape = {PostingSchema(), encoder.info().id,
                            encoder.info().dimension};
  std::vector<SegmentView> views;
  for (size_t begin = 0; begin < postings.size(); begin += segment_rows) {
    std::vector<SegmentRow> rows;
    for (const v1::Posting& posting : postings.subspan(
             begin, std::min(segment_rows, postings.size() - begin))) {
      rows.push_back({posting.name(), *EncodePosting(encoder, posting),
                      PostingAttributes(posting, sandbox)});
    }
    const size_t size = rows.size();
    auto segment = Segment::Build(shape, std::move(rows));
    views.push_back({segment.value(),
                     std::make_shared<const RowSet>(RowSet::All(size)), 0});
  }
  return std::make_shared<const Snapshot>(7, shape, std::move(views));
}

}  // namespace gradmatch
