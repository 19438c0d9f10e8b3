#include "matcher/encoder_input.h"

#include "absl/status/status.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

void Append(std::string_view text, std::string& joined) {
  if (text.empty()) return;
  if (!joined.empty()) joined += "、";
  joined += text;
}

absl::StatusOr<Embedding> EncodeOne(const Encoder& encoder,
                                    const EncoderText& text, Side side) {
  Embedding embedding(encoder.info().dimension);
  const EncoderInput input = text.input();
  const absl::Status status = encoder.Encode({&input, 1}, side, embedding);
  if (!status.ok()) return status;
  return embedding;
}

}  // namespace

EncoderText::EncoderText(const v1::Posting& posting)
    : title_(posting.title()),
      description_(posting.description()),
      requirements_(posting.requirements()),
      majors_(posting.majors().raw()) {
  for (const std::string& skill : posting.skills()) Append(skill, skills_);
  for (const v1::MajorRequirement::Group& group : posting.majors().groups()) {
    for (const v1::Code& code : group.codes()) {
      if (code.code().empty()) {
        Append(code.display(), majors_);
      } else {
        major_codes_.push_back({code.system(), code.code()});
      }
    }
  }
  for (const v1::Code& code : posting.functions()) {
    if (code.code().empty()) {
      Append(code.display(), functions_);
    } else {
      function_codes_.push_back(code.code());
    }
  }
}

EncoderText::EncoderText(const v1::Content& content)
    : title_(content.title()), description_(content.text()) {
  for (const std::string& skill : content.course().skills()) {
    Append(skill, skills_);
  }
  AddMajors(content.audience());
}

// Of alternatives too; exceptions say for whom it is not.
void EncoderText::AddMajors(const v1::Audience& audience) {
  for (const v1::Code& code : audience.majors()) {
    major_codes_.push_back({code.system(), code.code()});
  }
  for (const v1::Audience& child : audience.any_of()) AddMajors(child);
}

EncoderText::EncoderText(const v1::Profile& profile)
    : description_(profile.text()) {
  for (const std::string& skill : profile.skills()) Append(skill, skills_);
  for (const v1::Education& education : profile.educations()) {
    for (const v1::Code& code : education.majors()) {
      if (code.code().empty()) {
        Append(code.display(), majors_);
      } else {
        major_codes_.push_back({code.system(), code.code()});
      }
    }
  }
  for (const v1::Code& code : profile.intent().functions()) {
    if (code.code().empty()) {
      Append(code.display(), title_names_);
    } else {
      function_codes_.push_back(code.code());
    }
  }
}

EncoderInput EncoderText::input() const {
  EncoderInput input;
  input.title = title_names_.empty() ? title_ : std::string_view(title_names_);
  input.description = description_;
  input.requirements = requirements_;
  input.skills = skills_;
  input.majors = majors_;
  input.functions = functions_;
  input.major_codes = major_codes_;
  input.function_codes = function_codes_;
  return input;
}

absl::StatusOr<Embedding> EncodeProfile(const Encoder& encoder,
                                        const v1::Profile& profile) {
  return EncodeOne(encoder, EncoderText(profile), Side::kProfile);
}

absl::StatusOr<Embedding> EncodeContent(const Encoder& encoder,
                                        const v1::Content& content) {
  return EncodeOne(encoder, EncoderText(content), Side::kPosting);
}

absl::StatusOr<Embedding> EncodePosting(const Encoder& encoder,
                                        const v1::Posting& posting) {
  return EncodeOne(encoder, EncoderText(posting), Side::kPosting);
}

}  // namespace gradmatch
