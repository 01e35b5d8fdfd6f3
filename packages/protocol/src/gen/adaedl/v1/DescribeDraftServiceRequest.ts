// Original file: ../../proto/adaedl/v1/generation.proto


export interface DescribeDraftServiceRequest {
}

export interface DescribeDraftServiceRequest__Output {
}
